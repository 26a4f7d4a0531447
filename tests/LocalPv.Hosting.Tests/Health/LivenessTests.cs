using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Health;

/// <summary>A question is answered on the agent's own turn, or not at all.</summary>
public sealed class LivenessTests
{
    [Fact]
    public async Task Question_IsAnsweredBetweenSteps()
    {
        using var worker = Worker(new BusyAgent(null));
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        Assert.Equal(42, await worker.AskAsync(() => 42, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Question_ToAStuckAgent_IsNotAnswered()
    {
        using var gate = new ManualResetEventSlim();
        using var worker = Worker(new BusyAgent(gate));
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => worker.RunAsync(stop.Token));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker.AskAsync(() => 42, patience.Token));
        Assert.Equal(1, worker.EventsWaiting);
        gate.Set();
        await stop.CancelAsync();
        await running;
    }

    private static AgentWorker Worker(IAgent agent) => new(
        "busy", agent, new NoEffects(), new AgentClock(TimeProvider.System), TimeProvider.System, new AgentWorkerOptions(),
        NullLogger.Instance);

    private sealed class BusyAgent(ManualResetEventSlim? gate) : IAgent
    {
        public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
        {
            gate?.Wait();
            return [];
        }
    }

    private sealed class NoEffects : IEffectRunner
    {
        public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;
    }
}
