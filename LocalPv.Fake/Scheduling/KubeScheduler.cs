using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// kube-scheduler as a state machine: queues, one scheduling cycle at a time, bindings beside it. It asks extenders by
/// <see cref="CallExtender"/>, so it runs under a <see cref="SchedulerEffectRunner"/>. What it assumes is lost with the instance, as with
/// the process. Not modelled: ports, ReadWriteOncePod, dynamic resources, batching of like Pods, PodDisruptionBudgets.
/// </summary>
public sealed class KubeScheduler : IAgent
{
    private readonly CallNumbers _numbers = new();
    private readonly ClusterPicture _picture;
    private readonly SchedulingQueue _queue;
    private readonly ClusterChanges _changes;
    private readonly VolumeBinder _binder;
    private readonly SchedulingContext _context;
    private readonly SchedulerOptions _options;
    private readonly SchedulerWrites _writes;
    private readonly SortedDictionary<string, BindingCycle> _bindings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, BindingCycle> _bindingCalls = [];
    private readonly SortedSet<(Instant At, string Uid)> _polls = [];
    private readonly List<ObjectChange> _changed = [];
    private readonly ImmutableArray<Effect>.Builder _effects = ImmutableArray.CreateBuilder<Effect>();
    private SchedulingCycle? _cycle;
    private Instant _alarm = Instant.Never;

    /// <summary>A scheduler that has not begun.</summary>
    public KubeScheduler(SchedulerOptions options)
    {
        _options = options;
        _context = new SchedulingContext(options, _numbers);
        _picture = new ClusterPicture(_numbers, options.Reflector with { Spread = options.Seed });
        _queue = new SchedulingQueue(options.Version);
        _changes = new ClusterChanges(_queue, _picture, options.SchedulerName);
        _binder = new VolumeBinder(_picture);
        _writes = new SchedulerWrites(options.SchedulerName);
    }

    /// <summary>How many Pods wait for a node, the one that is being scheduled included.</summary>
    public int Waiting => _queue.Count;

    /// <summary>How many Pods have a node that the API server does not know of yet.</summary>
    public int Binding => _bindings.Count;

    /// <summary>Whether this Pod is among those of <see cref="Waiting"/>.</summary>
    public bool IsWaiting(string podUid) => _queue.PlaceOf(podUid) != QueuePlace.None;

    /// <summary>Whether this Pod is among those of <see cref="Binding"/>.</summary>
    public bool IsBinding(string podUid) => _bindings.ContainsKey(podUid);

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        var effects = _effects;
        effects.Clear();
        switch (happened)
        {
            case AgentEvent.Started:
                _queue.Start(now);
                _picture.Start(now, effects);
                break;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                Tick(now, effects);
                break;
            case ExtenderAnswered answered:
                _cycle?.TakeIn(now, answered, effects);
                break;
            case AgentEvent.ClusterAnswered answered when _bindingCalls.Remove(answered.Call, out var binding):
                binding.TakeIn(answered.Outcome);
                GoOn(now, binding, effects);
                break;
            default:
                TakeInCluster(now, happened, effects);
                break;
        }

        Schedule(now, effects);
        SetAlarm(effects);
        return effects.ToImmutable();
    }

    private void TakeInCluster(Instant now, AgentEvent happened, ImmutableArray<Effect>.Builder effects)
    {
        _changed.Clear();
        if (_picture.TryHandle(now, happened, effects, _changed))
        {
            foreach (var change in _changed)
            {
                _changes.TakeIn(now, change);
            }
        }
    }

    private void Tick(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        _picture.Tick(now, effects);
        _cycle?.Tick(now, effects);
        _queue.Tick(now);
        while (_polls.Count > 0 && _polls.Min.At <= now)
        {
            var due = _polls.Min;
            _polls.Remove(due);
            if (_bindings.TryGetValue(due.Uid, out var binding) && binding.PollAt == due.At)
            {
                binding.Poll(now, _picture);
                GoOn(now, binding, effects);
            }
        }
    }

    private void Schedule(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        while (_picture.IsSynced)
        {
            if (_cycle is { Result: null })
            {
                return;
            }

            if (_cycle is not null)
            {
                var ended = _cycle;
                _cycle = null;
                End(now, ended, effects);
            }

            if (_queue.Pop() is not { } next)
            {
                return;
            }

            Begin(now, next, effects);
        }
    }

    private void Begin(Instant now, QueuedPod pod, ImmutableArray<Effect>.Builder effects)
    {
        if (pod.Needs.Pod.IsBeingDeleted)
        {
            var name = pod.Needs.Pod.Key;
            Report(now, pod.Needs.Pod, "Warning", "FailedScheduling", "Scheduling", $"skip schedule deleting pod: {name}", effects);
            _queue.Done(pod);
        }
        else if (_picture.IsAssumed(pod.Uid))
        {
            _queue.Done(pod);
        }
        else
        {
            _cycle = new SchedulingCycle(pod, _picture, _binder, _context);
            _cycle.Start(now, effects);
        }
    }

    private void End(Instant now, SchedulingCycle cycle, ImmutableArray<Effect>.Builder effects)
    {
        switch (cycle.Result)
        {
            case CycleResult.Unschedulable unschedulable:
                var nomination = unschedulable.KeepsNomination ? null : unschedulable.Preempted?.Node ?? "";
                Preempt(now, cycle.Pod.Needs.Pod, unschedulable.Preempted, effects);
                Fail(now, cycle.Pod, "Unschedulable", unschedulable.Message, unschedulable.Rejectors, effects, nomination);
                break;
            case CycleResult.Failed failed:
                Fail(now, cycle.Pod, "SchedulerError", failed.Message, SchedulerPlugin.None, effects);
                break;
            case CycleResult.Placed placed:
                Reserve(now, cycle.Pod, placed, effects);
                break;
            default:
                break;
        }
    }

    // prepareCandidate: whoever is in the way is told why, and goes; those who were to have the room look again.
    private void Preempt(Instant now, Pod pod, Preempted? preempted, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var victim in preempted?.Victims ?? [])
        {
            var note = $"Preempted by pod {pod.Uid} on node {preempted!.Node}";
            Send(SchedulerWrites.Disrupt(now, victim.Pod, _options.SchedulerName), effects);
            Send(new ClusterRequest.Delete(ResourceTypes.Pods, victim.Pod.Key), effects);
            Report(now, victim.Pod, "Normal", "Preempted", "Preempting", note, effects);
        }

        foreach (var outranked in preempted?.Outranked ?? [])
        {
            _picture.Nominations.Set(outranked, "");
            Send(SchedulerWrites.Nominate(outranked.Pod, null), effects);
        }
    }

    private void Reserve(Instant now, QueuedPod pod, CycleResult.Placed placed, ImmutableArray<Effect>.Builder effects)
    {
        PodVolumes? assumed = null;
        if (placed.UsesClaims && !AreAllBound(pod.Needs))
        {
            assumed = _binder.Assume(placed.Volumes, placed.Node, out var error);
            if (assumed is null)
            {
                Fail(now, pod, "SchedulerError", $"running Reserve plugin \"VolumeBinding\": {error}", SchedulerPlugin.None, effects);
                return;
            }
        }

        _picture.Nominations.Remove(pod.Uid);
        _picture.Place(pod.Needs, placed.Node, assumed: true);
        _queue.Done(pod);
        var binding = new BindingCycle(pod, placed.Node, assumed, _options.Version);
        _bindings[pod.Uid] = binding;
        GoOn(now, binding, effects);
    }

    private bool AreAllBound(PodNeeds pod)
    {
        foreach (var use in pod.Claims)
        {
            if (_picture.Claims.Find(use.Key) is not { } claim || !VolumeBinder.IsFullyBound(claim))
            {
                return false;
            }
        }

        return true;
    }

    private void GoOn(Instant now, BindingCycle binding, ImmutableArray<Effect>.Builder effects)
    {
        if (binding.NextRequest(now) is { } request)
        {
            binding.Call = _numbers.Next();
            _bindingCalls.Add(binding.Call, binding);
            effects.Add(new Effect.CallCluster(binding.Call, request, _options.Version.CallTimeout));
            return;
        }

        switch (binding.Stage)
        {
            case BindingStage.WaitingForClaims:
                _polls.Add((binding.PollAt, binding.Pod.Uid));
                break;
            case BindingStage.Bound:
                _bindings.Remove(binding.Pod.Uid);
                var pod = binding.Pod.Needs.Pod;
                var note = $"Successfully assigned {pod.Namespace}/{pod.Name} to {binding.Node}";
                Report(now, pod, "Normal", "Scheduled", "Binding", note, effects);
                break;
            case BindingStage.Failed:
                Abandon(now, binding, effects);
                break;
            default:
                break;
        }
    }

    private void Abandon(Instant now, BindingCycle binding, ImmutableArray<Effect>.Builder effects)
    {
        var pod = binding.Pod;
        _bindings.Remove(pod.Uid);
        _binder.Restore(binding.Assumed);
        if (_picture.IsAssumed(pod.Uid))
        {
            _picture.Unplace(pod.Uid);
            _changes.WakeForFreedRoom(now, pod.Needs.Pod);
        }

        Fail(now, pod, "SchedulerError", binding.Error, SchedulerPlugin.None, effects);
    }

    // handleSchedulingFailure: back into the queues as it is now, if it still waits for a node; then the report and the condition.
    private void Fail(
        Instant now,
        QueuedPod pod,
        string reason,
        string message,
        SchedulerPlugin rejectors,
        ImmutableArray<Effect>.Builder effects,
        string? nomination = "")
    {
        var known = _picture.FindPod(pod.Needs.Pod.Key);
        var isSame = known is not null && known.Uid == pod.Uid;
        if (isSame && known!.NodeName.Length == 0 && known.Phase is not ("Succeeded" or "Failed"))
        {
            var needs = ReferenceEquals(known, pod.Needs.Pod) ? pod.Needs : PodNeeds.Read(known);
            _picture.Nominations.Set(needs, nomination ?? needs.NominatedNode);
            _queue.Return(now, pod, needs, rejectors);
        }
        else
        {
            _queue.Done(pod);
        }

        Report(now, known ?? pod.Needs.Pod, "Warning", "FailedScheduling", "Scheduling", message, effects);
        if (isSame && SchedulerWrites.Fail(now, known!, reason, message, nomination) is { } patch)
        {
            Send(patch, effects);
        }
    }

    private void Report(
        Instant now, Pod pod, string type, string reason, string action, string note, ImmutableArray<Effect>.Builder effects) =>
        Send(_writes.Report(now, pod, type, reason, action, note), effects);

    // Sent without waiting: reports and conditions may be lost.
    private void Send(ClusterRequest request, ImmutableArray<Effect>.Builder effects) =>
        effects.Add(new Effect.CallCluster(_numbers.Next(), request, _options.Version.CallTimeout));

    private void SetAlarm(ImmutableArray<Effect>.Builder effects)
    {
        var deadline = Instant.Min(_picture.Deadline, _queue.Deadline);
        deadline = _cycle is null ? deadline : Instant.Min(deadline, _cycle.Deadline);
        deadline = _polls.Count == 0 ? deadline : Instant.Min(deadline, _polls.Min.At);
        if (deadline != _alarm)
        {
            _alarm = deadline;
            effects.Add(new Effect.WakeAt(deadline));
        }
    }
}
