using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Makes the scheduler ask again when there is room for a Pod that was turned away. A part of <see cref="ExtenderAgent"/>.
/// </summary>
/// <remarks>
/// kube-scheduler looks at a Pod that an extender turned away when an object it watches changes, and otherwise not for five minutes. The
/// change that frees space (a claim's choice, a capacity) often reaches the scheduler before it reaches the extender, which then says no
/// once more: that wake-up is spent. So whenever the extender's own picture gets better after it has turned a Pod away, it touches a
/// CSIStorageCapacity object, outside of any call.
/// </remarks>
internal sealed class ExtenderWaker(CapacityLedger ledger, ExtenderOptions options, CallNumbers numbers)
{
    /// <summary>On a CSIStorageCapacity: when Pods that had been turned away were last to be looked at again.</summary>
    internal const string WokenAnnotation = "localpv.io/woken";

    // A write that may not have happened has woken nobody; one that was refused is refused again.
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    private bool _turnedAway;
    private bool _wanted;
    private int _failures;
    private bool _hasNothingToTouch;
    private long _call;
    private Instant _next = Instant.Epoch;

    /// <summary>
    /// When <see cref="Work"/> wants to be called. Never while there is nothing to touch: time does not change that.
    /// </summary>
    internal Instant Deadline => _wanted && _call == 0 && !_hasNothingToTouch ? _next : Instant.Never;

    /// <summary>A Pod was turned away by every node.</summary>
    internal void TurnAway() => _turnedAway = true;

    /// <summary>
    /// Takes in the answer to its own write, if that is what happened. Where the write may not have come through it is made again, since
    /// somebody may wait for nothing else.
    /// </summary>
    internal void Handle(Instant now, AgentEvent happened)
    {
        if (happened is not AgentEvent.ClusterAnswered answered || answered.Call != _call)
        {
            return;
        }

        _call = 0;
        if (answered.Outcome.Kind is OutcomeKind.Unavailable or OutcomeKind.InDoubt)
        {
            _failures++;
            _wanted = true;
            _next = now + Retry.After(_failures, options.Reflector.Spread);
        }
        else
        {
            _failures = 0;
        }
    }

    /// <summary>Touches the object of one of <paramref name="storages"/> if somebody waits and there is more room than before.</summary>
    internal void Work(Instant now, Reflector storages, ImmutableArray<Effect>.Builder effects)
    {
        _wanted |= ledger.TakeFreed() && _turnedAway;
        if (!_wanted || _call != 0 || now < _next)
        {
            return;
        }

        _hasNothingToTouch = options.CapacityNamespace.Length == 0 || !TryTouch(now, storages, effects);
    }

    private bool TryTouch(Instant now, Reflector storages, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var storage in storages.Objects.Values)
        {
            if (storage is NodeLocalStorage { ScanSequence: > 0, IsBeingDeleted: false })
            {
                Touch(now, new ObjectKey(options.CapacityNamespace, storage.Name), effects);
                return true;
            }
        }

        return false;
    }

    private void Touch(Instant now, ObjectKey key, ImmutableArray<Effect>.Builder effects)
    {
        _wanted = false;
        _turnedAway = false;
        _next = now + options.WakeGap;
        _call = numbers.Next();
        var patch = JsonMap.Empty.WithAt(["metadata", "annotations", WokenAnnotation], now.ToRfc3339Micro());
        effects.Add(new Effect.CallCluster(
            _call, new ClusterRequest.Patch(ResourceTypes.CsiStorageCapacities, key, patch), TimeSpan.FromSeconds(10)));
    }
}
