using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Workers;

public sealed class AgentWorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ClusterRequest Read = new ClusterRequest.Get(ResourceTypes.Pods, new ObjectKey("n", "p"));
    private static readonly ClusterRequest Write = new ClusterRequest.Create(ResourceTypes.Pods, "n", JsonMap.Empty);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Agent_UnderRandomEffectsAndEvents_IsSteppedOneAtATimeInForwardTimeAndEveryQuestionIsAnsweredOnce(int seed)
    {
        var agent = new RandomAgent(seed);
        var runner = new RandomRunner(seed);
        await using var group = new WorkerGroup();
        group.Start(Worker(agent, runner));

        var done = await Task.WhenAny(agent.Finished.Task, group.Bug, Task.Delay(Patience));

        Assert.True(done == agent.Finished.Task, $"seed {seed}: {(group.Bug.IsCompleted ? (await group.Bug).ToString() : "not finished")}");
        Assert.Equal("", agent.Complaint);
        Assert.Equal(0, agent.Unanswered);
        Assert.InRange(runner.MostAtOnce, 2, new AgentWorkerOptions().EffectsInFlightMax);
    }

    [Fact]
    public async Task Alarm_ThatIsReplaced_RingsOnceAtTheLaterMoment()
    {
        var woken = new List<TimeSpan>();
        var started = default(Instant);
        var rang = new TaskCompletionSource();
        var agent = new ScriptedAgent((now, happened) =>
        {
            switch (happened)
            {
                case AgentEvent.Started:
                    started = now;
                    return
                    [
                        new Effect.WakeAt(now + TimeSpan.FromMilliseconds(20)),
                        new Effect.WakeAt(now + TimeSpan.FromMilliseconds(150)),
                    ];
                case AgentEvent.Woke when woken.Count == 0:
                    woken.Add(now - started);
                    return [new Effect.WakeAt(now)];
                case AgentEvent.Woke:
                    woken.Add(now - started);
                    rang.TrySetResult();
                    return [];
                default:
                    return [];
            }
        });
        await using var group = new WorkerGroup();
        group.Start(Worker(agent, new RandomRunner(1)));

        await rang.Task.WaitAsync(Patience);
        await Task.Delay(100);

        Assert.Equal(2, woken.Count);
        Assert.True(woken[0] >= TimeSpan.FromMilliseconds(150), $"{woken[0]}");
    }

    [Fact]
    public async Task Bug_InAStep_EndsTheWorkerWithItsName()
    {
        using var worker = Worker(new ScriptedAgent((_, _) => throw new InvalidOperationException("impossible "
            + "state")), new RandomRunner(1));

        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => worker.RunAsync(CancellationToken.None).WaitAsync(Patience));

        Assert.Equal("Bug in test: impossible state", bug.Message);
    }

    [Fact]
    public async Task Bug_InAnEffect_EndsTheWorkerToo()
    {
        var agent = new ScriptedAgent((_, happened) =>
            happened is AgentEvent.Started ? [new Effect.CallCluster(1, Read, TimeSpan.FromSeconds(1))] : []);
        using var worker = Worker(agent, new ScriptedRunner((_, _, _) => throw new InvalidOperationException("broken adapter")));

        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => worker.RunAsync(CancellationToken.None).WaitAsync(Patience));

        Assert.Contains("broken adapter", bug.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bug_ThatLooksLikeAStop_EndsTheWorkerAsABugTooWhereNobodyAskedForOne(bool inAWatch)
    {
        var agent = new ScriptedAgent((_, happened) => happened is not AgentEvent.Started ? []
            : inAWatch ? [new Effect.OpenWatch(1, new WatchRequest(ResourceTypes.Pods, ObjectSelector.Everything, "1"))]
            : [new Effect.CallCluster(1, Read, TimeSpan.FromSeconds(1))]);
        using var worker = new AgentWorker(
            "test", agent, new ScriptedRunner((_, _, _) => throw new OperationCanceledException("of something else")),
            new AgentClock(TimeProvider.System), TimeProvider.System, new AgentWorkerOptions(), NullLogger.Instance);

        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => worker.RunAsync(CancellationToken.None).WaitAsync(Patience));

        Assert.StartsWith("Bug in test", bug.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, OutcomeKind.Unavailable)]
    [InlineData(true, OutcomeKind.InDoubt)]
    public async Task Call_WithoutAnAnswerInTime_IsAnsweredForByItsKind(bool write, OutcomeKind kind)
    {
        var answers = new List<AgentEvent.ClusterAnswered>();
        var answeredFor = new TaskCompletionSource();
        var late = new TaskCompletionSource();
        var agent = new ScriptedAgent((_, happened) =>
        {
            if (happened is AgentEvent.ClusterAnswered answered)
            {
                answers.Add(answered);
                answeredFor.TrySetResult();
            }

            return happened is AgentEvent.Started
                ? [new Effect.CallCluster(7, write ? Write : Read, TimeSpan.FromMilliseconds(50))]
                : [];
        });
        var runner = new ScriptedRunner(async (effect, deliver, _) =>
        {
            // An adapter that does not even notice that it was cancelled, and answers once it has been answered for.
            await answeredFor.Task.WaitAsync(Patience, CancellationToken.None);
            var call = (Effect.CallCluster)effect;
            deliver(new AgentEvent.ClusterAnswered(call.Call, call.Request, Outcome.Done(ClusterAnswer.Of(null))));
            late.SetResult();
        });
        await using var group = new WorkerGroup();
        group.Start(Worker(agent, runner));

        await late.Task.WaitAsync(Patience);
        await Task.Delay(50);

        var answer = Assert.Single(answers);
        Assert.Equal((7, kind), (answer.Call, answer.Outcome.Kind));
    }

    [Fact]
    public async Task StorageChange_BeyondItsTime_IsAnsweredOnlyOnceItHasEnded()
    {
        var ended = false;
        var answered = new TaskCompletionSource<bool>();
        var agent = new ScriptedAgent((_, happened) =>
        {
            if (happened is AgentEvent.StorageAnswered { Outcome.Kind: OutcomeKind.InDoubt })
            {
                answered.TrySetResult(Volatile.Read(ref ended));
            }

            var request = new NodeStorageRequest.RemoveVolumeGroup(Core.Identity.VolumeGroupName.Parse("vg"), "u");
            return happened is AgentEvent.Started ? [new Effect.CallStorage(1, request, TimeSpan.FromMilliseconds(30))] : [];
        });
        var runner = new ScriptedRunner(async (_, _, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                // The command takes a while to die.
                await Task.Delay(150, CancellationToken.None);
                Volatile.Write(ref ended, true);
            }
        });
        await using var group = new WorkerGroup();
        group.Start(Worker(agent, runner));

        Assert.True(await answered.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Watches_OfAnAgentThatStops_AreClosed()
    {
        var closed = new TaskCompletionSource();
        var agent = new ScriptedAgent((_, happened) => happened is AgentEvent.Started
            ? [new Effect.OpenWatch(3, new WatchRequest(ResourceTypes.Pods, ObjectSelector.Everything, "1"))]
            : []);
        var opened = new TaskCompletionSource();
        var runner = new ScriptedRunner((effect, _, _) =>
        {
            if (effect is Effect.OpenWatch)
            {
                opened.TrySetResult();
            }
            else if (effect is Effect.CloseWatch { Watch: 3 })
            {
                closed.TrySetResult();
            }

            return Task.CompletedTask;
        });
        using var stop = new CancellationTokenSource();
        using var worker = Worker(agent, runner);
        var running = worker.RunAsync(stop.Token);
        await opened.Task.WaitAsync(Patience);
        await Task.Delay(50);

        await stop.CancelAsync();
        await running.WaitAsync(Patience);

        Assert.True(closed.Task.IsCompleted);
    }

    [Fact]
    public async Task Watch_ThatIsFasterThanItsAgent_IsHeldBack()
    {
        var release = new ManualResetEventSlim();
        var delivered = 0;
        var agent = new ScriptedAgent((_, happened) =>
        {
            if (happened is AgentEvent.WatchDelivered)
            {
                release.Wait();
            }

            return happened is AgentEvent.Started
                ? [new Effect.OpenWatch(1, new WatchRequest(ResourceTypes.Pods, ObjectSelector.Everything, "1"))]
                : [];
        });
        var runner = new ScriptedRunner((effect, deliver, token) =>
        {
            if (effect is Effect.OpenWatch)
            {
                _ = Task.Run(() =>
                {
                    for (var i = 0; i < 100 && !token.IsCancellationRequested; i++)
                    {
                        deliver(new AgentEvent.WatchDelivered(1, new WatchSignal.Bookmark("1")));
                        Interlocked.Increment(ref delivered);
                    }
                }, token);
            }

            return Task.CompletedTask;
        });
        await using var group = new WorkerGroup();
        group.Start(Worker(agent, runner, new AgentWorkerOptions { WatchSignalsWaitingMax = 10 }));
        await Task.Delay(300);

        Assert.InRange(Volatile.Read(ref delivered), 1, 11);
        release.Set();
        await WaitUntilAsync(() => Volatile.Read(ref delivered) == 100);
    }

    private static async Task WaitUntilAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isTrue())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static AgentWorker Worker(IAgent agent, IEffectRunner runner, AgentWorkerOptions? options = null) => new(
        "test",
        agent,
        new TimeLimitedEffectRunner(runner, TimeProvider.System),
        new AgentClock(TimeProvider.System),
        TimeProvider.System,
        options ?? new AgentWorkerOptions(),
        NullLogger.Instance);
}
