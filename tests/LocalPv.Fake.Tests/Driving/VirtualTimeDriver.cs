using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Driving;

/// <summary>
/// Runs agents against a fake API server in virtual time, one event after another. The same agents, delays and script give the same run.
/// </summary>
public sealed class VirtualTimeDriver
{
    private const int MostEventsAtOnce = 100_000;

    private readonly PriorityQueue<Action, (Instant Moment, long Order)> _queue = new();
    private readonly SortedDictionary<long, Watching> _watches = [];
    private readonly Func<DelayOf, TimeSpan> _delay;
    private long _order;
    private long _lastWatch;
    private string _last = "nobody";

    /// <summary>
    /// A driver at <paramref name="start"/>; <paramref name="delay"/> says how long each thing takes (default: 1 ms, and 2 ms for
    /// watches: a writer mostly hears its answer first).
    /// </summary>
    public VirtualTimeDriver(FakeApiServer server, Instant start, Func<DelayOf, TimeSpan>? delay = null)
    {
        Server = server;
        Now = start;
        _delay = delay ?? (static of => TimeSpan.FromMilliseconds(of == DelayOf.Watch ? 2 : 1));
        server.Changed += OnChanged;
    }

    /// <summary>What takes time.</summary>
    public enum DelayOf
    {
        /// <summary>A request on its way to the server.</summary>
        Request,

        /// <summary>An answer on its way back.</summary>
        Answer,

        /// <summary>A change on its way to a watcher.</summary>
        Watch,
    }

    /// <summary>The API server.</summary>
    public FakeApiServer Server { get; }

    /// <summary>The present.</summary>
    public Instant Now { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long Events { get; private set; }

    /// <summary>
    /// Carries out effects that are not about the API server: returns whether it took the effect. May deliver at once or later (<see
    /// cref="After"/>).
    /// </summary>
    public Func<DrivenAgent, Effect, bool> OtherEffects { get; set; } = static (_, _) => false;

    /// <summary>Whose watches of which type stand still: what happened meanwhile comes when they go on.</summary>
    public Func<DrivenAgent, ResourceType, bool> Holds { get; set; } = static (_, _) => false;

    /// <summary>Starts an agent.</summary>
    public DrivenAgent Start(string name, IAgent agent)
    {
        var driven = new DrivenAgent(this, name, agent);
        After(TimeSpan.Zero, () => driven.Deliver(new AgentEvent.Started()));
        return driven;
    }

    /// <summary>Lets <paramref name="happen"/> happen later.</summary>
    public void After(TimeSpan wait, Action happen) => _queue.Enqueue(happen, (Now + wait, _order++));

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan duration) => RunUntil(static () => false, duration);

    /// <summary>Lets time pass until <paramref name="done"/>; returns whether that came before the limit.</summary>
    public bool RunUntil(Func<bool> done, TimeSpan limit)
    {
        var end = Now + limit;
        var atOnce = 0;
        while (!done())
        {
            if (!_queue.TryPeek(out _, out var next) || next.Moment > end)
            {
                Now = end;
                return false;
            }

            // Time that stands still would otherwise be a test without an end and without a word.
            atOnce = next.Moment > Now ? 0 : atOnce + 1;
            if (atOnce > MostEventsAtOnce)
            {
                throw new InvalidOperationException($"Time stands still at {Now}: {_last}.");
            }

            Now = Instant.Max(Now, next.Moment);
            Events++;
            _queue.Dequeue()();
        }

        return true;
    }

    /// <summary>Asks the server at once, as a user would.</summary>
    public Outcome<ClusterAnswer> Send(ClusterRequest request) => Server.Send(Now, request);

    /// <summary>Creates an object; throws where the server refuses it.</summary>
    public KubernetesObject Create(ResourceType type, JsonMap body)
    {
        var inNamespace = type.Namespaced ? body.Map("metadata")?.Text("namespace") ?? "default" : "";
        var outcome = Send(new ClusterRequest.Create(type, inNamespace, body));
        return outcome.TryGetValue(out var answer) && answer.Object is { } made
            ? made
            : throw new InvalidOperationException($"{type} {body.At("metadata", "name")}: {outcome}");
    }

    internal void Perform(DrivenAgent agent, Effect effect)
    {
        _last = $"{agent.Name} asks for {effect}";
        switch (effect)
        {
            case Effect.CallCluster call:
                After(_delay(DelayOf.Request), () =>
                {
                    var outcome = agent.IsRunning ? Server.Send(Now, call.Request) : null;
                    After(_delay(DelayOf.Answer), () => agent.Deliver(new AgentEvent.ClusterAnswered(call.Call, call.Request, outcome!)));
                });
                break;
            case Effect.OpenWatch open:
                var watching = new Watching(agent, open);
                var number = ++_lastWatch;
                _watches.Add(number, watching);
                agent.Watches.Add(open.Watch, number);
                After(_delay(DelayOf.Request), () =>
                {
                    watching.Source = Server.OpenWatch(Now, open.Request);
                    Schedule(number, watching);
                });
                break;
            case Effect.CloseWatch close when agent.Watches.Remove(close.Watch, out var closed):
                if (_watches.Remove(closed, out var ended))
                {
                    ended.Source?.Close();
                }

                break;
            case Effect.CloseWatch:
                break;
            case Effect.WakeAt wake:
                var alarm = ++agent.Alarm;
                var wait = wake.Moment - Now;
                After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, () =>
                {
                    if (agent.Alarm == alarm)
                    {
                        agent.Deliver(new AgentEvent.Woke());
                    }
                });
                break;
            default:
                if (!OtherEffects(agent, effect))
                {
                    throw new InvalidOperationException($"Nobody carries out {effect}.");
                }

                break;
        }
    }

    internal void Forget(DrivenAgent agent)
    {
        foreach (var number in agent.Watches.Values)
        {
            _watches.Remove(number);
        }

        agent.Watches.Clear();
    }

    private void OnChanged()
    {
        foreach (var (number, watching) in _watches.ToImmutableArray())
        {
            Schedule(number, watching);
        }
    }

    // Changes reach a watcher after a delay of their own but in order, since one drain reads all there is.
    private void Schedule(long number, Watching watching)
    {
        if (watching.Source is not { } source || source.DueAt == Instant.Never)
        {
            return;
        }

        if (source.HasMore)
        {
            if (!watching.IsDue)
            {
                watching.IsDue = true;
                After(_delay(DelayOf.Watch), () => Drain(number, watching));
            }
        }
        else if (!watching.WaitsForTime)
        {
            watching.WaitsForTime = true;
            var due = source.DueAt - Now;
            After(due > TimeSpan.Zero ? due : TimeSpan.Zero, () =>
            {
                watching.WaitsForTime = false;
                Drain(number, watching);
            });
        }
    }

    private void Drain(long number, Watching watching)
    {
        watching.IsDue = false;
        if (Holds(watching.Agent, watching.Type))
        {
            watching.IsDue = true;
            After(TimeSpan.FromMilliseconds(100), () => Drain(number, watching));
            return;
        }

        while (_watches.ContainsKey(number) && watching.Source!.TryRead(Now, out var signal))
        {
            watching.Agent.Deliver(new AgentEvent.WatchDelivered(watching.Watch, signal));
        }

        if (_watches.ContainsKey(number))
        {
            Schedule(number, watching);
        }
    }

    private sealed class Watching(DrivenAgent agent, Effect.OpenWatch open)
    {
        public DrivenAgent Agent { get; } = agent;

        public long Watch { get; } = open.Watch;

        public ResourceType Type { get; } = open.Request.Type;

        public FakeWatch? Source { get; set; }

        public bool IsDue { get; set; }

        public bool WaitsForTime { get; set; }
    }
}

/// <summary>An agent that a <see cref="VirtualTimeDriver"/> runs.</summary>
public sealed class DrivenAgent(VirtualTimeDriver driver, string name, IAgent agent)
{
    internal SortedDictionary<long, long> Watches { get; } = [];

    internal long Alarm { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The agent itself.</summary>
    public IAgent Agent { get; } = agent;

    /// <summary>False once it has crashed.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>Delivers an event and carries out what the agent makes of it.</summary>
    public void Deliver(AgentEvent happened)
    {
        if (!IsRunning)
        {
            return;
        }

        foreach (var effect in Agent.Step(driver.Now, happened))
        {
            driver.Perform(this, effect);
        }
    }

    /// <summary>Ends the process between two steps: nothing of it goes on; requests that have not reached the server are lost.</summary>
    public void Crash()
    {
        IsRunning = false;
        driver.Forget(this);
    }
}
