using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Tests.Engine;

/// <summary>A watch that is found by what it selects is told what a watch that looks at every change is told.</summary>
public sealed class WatchHubTests
{
    private static readonly Instant Start = SimulatedCluster.SwitchedOn;

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Start });
    private readonly EventLoop _loop = new(Start);
    private readonly Conditions _conditions = new();
    private readonly List<(ObjectSelector Selector, List<string> Told)> _watched = [];

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Watch_ThatRestsBetweenWhatConcernsIt_IsToldAllOfThat(ulong seed)
    {
        var random = KeyedRandom.FromSeed(seed);
        var hub = new WatchHub(_server);
        using var api = new SimulatedClusterApi(_server, _loop, hub, random, new Latencies(), _conditions);
        var from = _server.Revision.ToString(CultureInfo.InvariantCulture);
        foreach (var selector in Selectors())
        {
            var told = new List<string>();
            _watched.Add((selector, told));
            api.Watch(new WatchRequest(ResourceTypes.Nodes, selector, from), signal => Note(told, signal));
        }

        var fault = new ActiveFault(new Fault(FaultType.Gap, "any"), "any", random, Start);
        for (var step = 0; step < 400; step++)
        {
            Change(random, step);
            Trouble(api, fault, random.For("trouble").Below(step, 40));
            var next = _loop.Now + random.For("pause").Between(step, TimeSpan.Zero, TimeSpan.FromMilliseconds(4));
            while (_loop.RunNext(next))
            {
            }

            _loop.AdvanceTo(next);
        }

        _conditions.Remove(fault);
        api.WakeWatches();
        while (_loop.RunNext(_loop.Now + TimeSpan.FromSeconds(1)))
        {
        }

        foreach (var (selector, told) in _watched)
        {
            Assert.Equal(All(selector, from), told);
            Assert.NotEmpty(told);
        }
    }

    private static IEnumerable<ObjectSelector> Selectors() =>
    [
        ObjectSelector.Everything,
        .. Enumerable.Range(0, 4).Select(group => new ObjectSelector(Labels: $"group=g{group}")),
        .. Enumerable.Range(0, 6).Select(name => new ObjectSelector(Fields: $"metadata.name=n{name}")),
    ];

    // Nodes come, go from one group to another, and go.
    private void Change(KeyedRandom random, int step)
    {
        var key = ObjectKey.ClusterScoped("n" + random.For("name").Below(step, 6).ToString(CultureInfo.InvariantCulture));
        var labels = JsonMap.Of(("group", "g" + random.For("group").Below(step, 4).ToString(CultureInfo.InvariantCulture)));
        ClusterRequest request = _server.Find(ResourceTypes.Nodes, key) is null
            ? new ClusterRequest.Create(ResourceTypes.Nodes, "", JsonMap.Of(
                ("metadata", JsonMap.Of(("name", key.Name), ("labels", labels)))))
            : random.For("end").Below(step, 4) == 0 ? new ClusterRequest.Delete(ResourceTypes.Nodes, key)
            : new ClusterRequest.Patch(ResourceTypes.Nodes, key, JsonMap.Of(("metadata", JsonMap.Of(("labels", labels)))));
        Assert.True(_server.Send(_loop.Now, request).IsDone);
    }

    private void Trouble(SimulatedClusterApi api, ActiveFault fault, long draw)
    {
        if (draw == 0 && _conditions.AreCalm)
        {
            _conditions.Add(fault);
        }
        else if (draw == 1 && !_conditions.AreCalm)
        {
            _conditions.Remove(fault);
            api.WakeWatches();
        }
    }

    private List<string> All(ObjectSelector selector, string from)
    {
        var all = new List<string>();
        var watch = _server.OpenWatch(_loop.Now, new WatchRequest(ResourceTypes.Nodes, selector, from));
        while (watch.TryRead(_loop.Now, out var signal))
        {
            Note(all, signal);
        }

        return all;
    }

    private static void Note(List<string> told, WatchSignal signal) => told.AddRange(signal switch
    {
        WatchSignal.Added added => ["+" + added.Object],
        WatchSignal.Modified modified => ["~" + modified.Object],
        WatchSignal.Deleted deleted => ["-" + deleted.Object],
        _ => [],
    });
}
