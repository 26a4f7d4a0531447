using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>
/// A scheduler beside an API server in virtual time: every call, answer and watch signal takes a little while, and what happened is noted.
/// A stand-in for the PV controller binds claims, unless a test does so itself.
/// </summary>
internal sealed class SchedulerWorld
{
    public static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);
    public static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private readonly SortedDictionary<long, FakeWatch> _watches = [];
    private long _order;
    private long _alarm;
    private bool _pumping;

    public SchedulerWorld(SchedulerOptions? options = null, Instant? start = null)
    {
        Now = start ?? Start;
        Options = options ?? new SchedulerOptions();
        Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Now });
        Server.Changed += SchedulePump;
        Server.Committed += change => History.Add((Now, change));
        Scheduler = new KubeScheduler(Options);
        At(Now, () => Step(new AgentEvent.Started()));
    }

    public Instant Now { get; private set; }

    public SchedulerOptions Options { get; }

    public FakeApiServer Server { get; }

    public KubeScheduler Scheduler { get; private set; }

    public List<(Instant At, Change Change)> History { get; } = [];

    public List<(Instant At, ExtenderVerb Verb, ExtenderArguments Arguments)> ExtenderCalls { get; } = [];

    /// <summary>Everything the scheduler asked the API server to do.</summary>
    public List<(Instant At, ClusterRequest Request)> Requests { get; } = [];

    /// <summary>Answers extender calls; null lets the call hang.</summary>
    public Func<ExtenderVerb, ExtenderArguments, Outcome<ExtenderAnswer>?> Extender { get; set; } = StubExtender.AllowAll;

    /// <summary>What to say instead of carrying a request out, for faults; null to carry it out.</summary>
    public Func<ClusterRequest, Outcome<ClusterAnswer>?>? Fault { get; set; }

    /// <summary>Whether a stand-in answers selected claims as the PV controller and a provisioner do.</summary>
    public bool Provisions { get; set; }

    /// <summary>Starts another instance; the old one's answers and watches go nowhere.</summary>
    public void Restart()
    {
        foreach (var watch in _watches.Values)
        {
            watch.Close();
        }

        _watches.Clear();
        _due.Clear();
        _pumping = false;
        Scheduler = new KubeScheduler(Options);
        _alarm++;
        At(Now, () => Step(new AgentEvent.Started()));
    }

    public void At(Instant moment, Action action) => _due.Enqueue(action, (moment.TicksSinceEpoch, ++_order));

    public void After(TimeSpan wait, Action action) => At(Now + wait, action);

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_due.TryPeek(out _, out var next) && next.At <= end.TicksSinceEpoch)
        {
            var action = _due.Dequeue();
            Now = new Instant(Math.Max(Now.TicksSinceEpoch, next.At));
            action();
        }

        Now = end;
    }

    public void RunUntil(double secondsSinceStart, Instant origin) => Run(origin + TimeSpan.FromSeconds(secondsSinceStart) - Now);

    public ClusterAnswer Send(ClusterRequest request)
    {
        var outcome = Server.Send(Now, request);
        Assert.True(outcome.IsDone, $"{request}: {outcome}");
        return outcome.Value;
    }

    public T Create<T>(ResourceType type, JsonMap body)
        where T : KubernetesObject =>
        (T)Send(new ClusterRequest.Create(type, (body.At("metadata", "namespace") as JsonText)?.Value ?? "", body)).Object!;

    public Pod Pod(string name) => (Pod)Send(new ClusterRequest.Get(ResourceTypes.Pods, new ObjectKey("default", name))).Object!;

    public PersistentVolumeClaim Claim(string name) =>
        (PersistentVolumeClaim)Send(new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", name))).Object!;

    public (string Reason, string Message) Condition(string pod)
    {
        var conditions = (Pod(pod).Tree.At("status", "conditions") as JsonList)?.Maps() ?? [];
        var scheduled = conditions.FirstOrDefault(one => one.Text("type") == "PodScheduled");
        return (scheduled?.Text("reason") ?? "", scheduled?.Text("message") ?? "");
    }

    private void Step(AgentEvent happened)
    {
        var scheduler = Scheduler;
        foreach (var effect in scheduler.Step(Now, happened))
        {
            Carry(scheduler, effect);
        }
    }

    private void Deliver(KubeScheduler to, AgentEvent happened)
    {
        if (ReferenceEquals(to, Scheduler))
        {
            Step(happened);
        }
    }

    private void Carry(KubeScheduler scheduler, Effect effect)
    {
        switch (effect)
        {
            case Effect.CallCluster call:
                After(Latency, () =>
                {
                    Requests.Add((Now, call.Request));
                    var outcome = Fault?.Invoke(call.Request) ?? Server.Send(Now, call.Request);
                    After(Latency, () => Deliver(scheduler, new AgentEvent.ClusterAnswered(call.Call, call.Request, outcome)));
                });
                break;
            case Effect.OpenWatch open:
                _watches.Add(open.Watch, Server.OpenWatch(Now, open.Request));
                SchedulePump();
                break;
            case Effect.CloseWatch close:
                if (_watches.Remove(close.Watch, out var watch))
                {
                    watch.Close();
                }

                break;
            case Effect.WakeAt wake:
                var alarm = ++_alarm;
                if (wake.Moment != Instant.Never)
                {
                    At(wake.Moment, () =>
                    {
                        if (alarm == _alarm)
                        {
                            Deliver(scheduler, new AgentEvent.Woke());
                        }
                    });
                }

                break;
            case CallExtender ask:
                After(Latency, () =>
                {
                    ExtenderCalls.Add((Now, ask.Verb, ask.Arguments));
                    if (Extender(ask.Verb, ask.Arguments) is { } answer)
                    {
                        After(Latency, () => Deliver(scheduler, new ExtenderAnswered(ask.Call, answer)));
                    }
                });
                break;
            default:
                throw new InvalidOperationException($"Unknown effect {effect}.");
        }
    }

    private void SchedulePump()
    {
        if (!_pumping)
        {
            _pumping = true;
            After(Latency, Pump);
        }
    }

    private void Pump()
    {
        _pumping = false;
        if (Provisions)
        {
            TinyProvisioner.Act(this);
        }

        var scheduler = Scheduler;
        foreach (var (number, watch) in _watches.ToArray())
        {
            while (watch.TryRead(Now, out var signal))
            {
                Deliver(scheduler, new AgentEvent.WatchDelivered(number, signal));
            }
        }
    }
}
