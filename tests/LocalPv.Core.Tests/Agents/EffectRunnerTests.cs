using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Tests.Agents;

public sealed class EffectRunnerTests : IDisposable
{
    private readonly ScriptedApi _api = new();
    private readonly List<AgentEvent> _heard = [];

    public void Dispose() => _api.Dispose();

    [Fact]
    public void Watch_ThatEnds_IsForgottenAndItsHandleReleased()
    {
        using var runner = new EffectRunner(_api, null);
        Run(runner, Open(1));
        Assert.Equal(1, runner.OpenWatches);
        _api.Deliver!(new WatchSignal.Closed(OutcomeKind.Done, ""));
        Assert.Equal(0, runner.OpenWatches);
        Assert.Equal(1, _api.Disposed);
        Assert.Single(_heard);
    }

    [Fact]
    public void Watch_ThatEndsWhileItIsOpened_IsNotLeaked()
    {
        using var runner = new EffectRunner(_api, null);
        _api.ClosesAtOnce = true;
        Run(runner, Open(1));
        Assert.Equal(0, runner.OpenWatches);
        Assert.Equal(1, _api.Disposed);
    }

    [Fact]
    public void Watch_AfterItsClose_DeliversNothing()
    {
        using var runner = new EffectRunner(_api, null);
        Run(runner, Open(1));
        Run(runner, new Effect.CloseWatch(1));
        _api.Deliver!(new WatchSignal.Bookmark("7"));
        Assert.Empty(_heard);
    }

    [Fact]
    public void CloseWatch_OfAnUnknownWatch_DoesNothing()
    {
        using var runner = new EffectRunner(_api, null);
        Run(runner, new Effect.CloseWatch(42));
        Assert.Equal(0, _api.Disposed);
    }

    [Fact]
    public void Dispose_ClosesWhatIsOpen()
    {
        var runner = new EffectRunner(_api, null);
        Run(runner, Open(1));
        Run(runner, Open(2));
        runner.Dispose();
        Assert.Equal(2, _api.Disposed);
    }

    [Fact]
    public void CallStorage_WithoutStorage_IsRefused()
    {
        using var runner = new EffectRunner(_api, null);
        Run(runner, new Effect.CallStorage(3, new NodeStorageRequest.Scan(), TimeSpan.FromSeconds(1)));
        Assert.Equal(OutcomeKind.Refused, Assert.IsType<AgentEvent.StorageAnswered>(Assert.Single(_heard)).Outcome.Kind);
    }

    private static Effect.OpenWatch Open(long number) =>
        new(number, new WatchRequest(ResourceTypes.Nodes, ObjectSelector.Everything, "1"));

    private void Run(EffectRunner runner, Effect effect) =>
        Assert.True(runner.RunAsync(effect, _heard.Add, CancellationToken.None).AsTask().IsCompletedSuccessfully);

    private sealed class ScriptedApi : IClusterApi, IDisposable
    {
        internal Action<WatchSignal>? Deliver { get; private set; }

        internal bool ClosesAtOnce { get; set; }

        internal int Disposed { get; private set; }

        public void Dispose() => Disposed++;

        public ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken) =>
            new(Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, ""));

        public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
        {
            Deliver = deliver;
            if (ClosesAtOnce)
            {
                deliver(new WatchSignal.Closed(OutcomeKind.Done, ""));
            }

            return this;
        }
    }
}
