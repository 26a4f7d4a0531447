using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Makes the scheduler ask again when there is room for a Pod that was turned away. A part of <see cref="ExtenderAgent"/>.
/// </summary>
/// <remarks>
/// kube-scheduler looks at a Pod that an extender turned away when an object it watches changes, and otherwise not for five minutes. The
/// change that frees space (a claim's choice, a capacity) often reaches the scheduler before it reaches the extender, which then says no
/// once more: that wake-up is spent. So whenever the extender's own picture gets so much better that a Pod which it has turned away may
/// fit, it touches a CSIStorageCapacity object, outside of any call. Every touch makes the scheduler look at all waiting Pods: space that
/// a claim gives back each five minutes, on a node that always refuses it, wakes nobody.
/// </remarks>
internal sealed class ExtenderWaker(CapacityLedger ledger, ExtenderOptions options, CallNumbers numbers)
{
    /// <summary>On a CSIStorageCapacity: when Pods that had been turned away were last to be looked at again.</summary>
    internal const string WokenAnnotation = "localpv.io/woken";

    // An object that is not there has woken nobody, and another will do; where many are not there, there are none to touch.
    private const int MissingMax = 4;

    // A write that may not have happened has woken nobody either; one that was refused is refused again.
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    private readonly TurnedAwayPods _turnedAway = new(ledger);

    // There is more room than when was last looked whether it is room for somebody; a touch has to be made again.
    private bool _freed;
    private bool _again;
    private int _failures;
    private int _missing;
    private string _missingUpTo = "";
    private bool _hasNothingToTouch;
    private long _call;
    private Instant _next = Instant.Epoch;

    /// <summary>
    /// When <see cref="Work"/> wants to be called. Never while there is nothing to touch: time does not change that.
    /// </summary>
    internal Instant Deadline => _call != 0 || _hasNothingToTouch ? Instant.Never
        : _freed || _again ? _next
        : Instant.Max(_turnedAway.NextReturn, _next);

    /// <summary>A Pod was turned away by every node.</summary>
    internal void TurnAway(Instant now, string pod, LedgerClaim[] claims) => _turnedAway.Add(now, pod, claims);

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
            _again = true;
            _next = now + Retry.After(_failures, options.Reflector.Spread);
            return;
        }

        _failures = 0;
        if (answered is not { Outcome.Kind: OutcomeKind.NotFound, Request: ClusterRequest.Patch touch })
        {
            _missing = 0;
            return;
        }

        _missingUpTo = touch.Key.Name;
        _missing = (_missing + 1) % MissingMax;
        if (_missing > 0)
        {
            _again = true;
            _next = now;
        }
    }

    /// <summary>
    /// Touches the object of one of <paramref name="storages"/> if somebody waits and there is more room than before that may be enough.
    /// </summary>
    internal void Work(Instant now, Reflector storages, ImmutableArray<Effect>.Builder effects)
    {
        _freed |= (ledger.TakeFreed() && _turnedAway.IsAny) || _turnedAway.HasReturned(now);
        if (!(_freed || _again) || _call != 0 || now < _next)
        {
            return;
        }

        if (_again || _turnedAway.MayFit(now))
        {
            _hasNothingToTouch = options.CapacityNamespace.Length == 0 || !TryTouch(now, storages, effects);
        }
        else
        {
            _freed = false;
            _next = now + options.WakeGap;
        }
    }

    private bool TryTouch(Instant now, Reflector storages, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var storage in storages.Objects.Values)
        {
            if (storage is StorageReport { ScanSequence: > 0, IsBeingDeleted: false }
                && string.CompareOrdinal(storage.Name, _missingUpTo) > 0)
            {
                Touch(now, new ObjectKey(options.CapacityNamespace, storage.Name), effects);
                return true;
            }
        }

        var hasSkipped = _missingUpTo.Length > 0;
        _missingUpTo = "";
        return hasSkipped && TryTouch(now, storages, effects);
    }

    private void Touch(Instant now, ObjectKey key, ImmutableArray<Effect>.Builder effects)
    {
        (_freed, _again) = (false, false);
        _turnedAway.Clear();
        _next = now + options.WakeGap;
        _call = numbers.Next();
        var patch = JsonMap.Empty.WithAt(["metadata", "annotations", WokenAnnotation], now.ToRfc3339Micro());
        effects.Add(new Effect.CallCluster(
            _call, new ClusterRequest.Patch(ResourceTypes.CsiStorageCapacities, key, patch), TimeSpan.FromSeconds(10)));
    }
}
