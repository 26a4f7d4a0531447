using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Lvm;

/// <summary>
/// <see cref="INodeStorage"/> over a <see cref="FakeLvm"/>: every request is done at once, one at a time, or goes wrong as
/// <paramref name="faults"/> says. Throwing this object away and making another over the same <paramref name="lvm"/> is a crash of the
/// process. Safe for several threads, as far as nobody changes <paramref name="lvm"/> meanwhile.
/// </summary>
public sealed class FakeNodeStorage(FakeLvm lvm, IStorageFaults? faults = null) : INodeStorage
{
    private readonly Lock _gate = new();

    /// <summary>What goes wrong; may be changed at any time.</summary>
    public IStorageFaults Faults { get; set; } = faults ?? NoStorageFaults.Instance;

    /// <summary>The node's disks.</summary>
    public FakeLvm Lvm => lvm;

    /// <inheritdoc/>
    public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Run(request) is { } outcome ? ValueTask.FromResult(outcome) : Never(cancellationToken);
    }

    /// <summary>Carries out one request now; null where it hangs.</summary>
    public Outcome<NodeStorageAnswer>? Run(NodeStorageRequest request)
    {
        lock (_gate)
        {
            switch (Faults.Next(request))
            {
                case null:
                    return Carry(request, half: false);
                case StorageFault.Fails fails:
                    return Outcome.Failed<NodeStorageAnswer>(fails.Kind, fails.Message);
                case StorageFault.HappensInDoubt:
                    Carry(request, half: false);
                    return InDoubt(request);
                case StorageFault.HappensHalf:
                    Carry(request, half: true);
                    return InDoubt(request);
                case StorageFault.LostInDoubt:
                    return InDoubt(request);
                case StorageFault.DroppedWrite:
                    return DropWrite(request);
                case StorageFault.Hangs:
                    return null;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }

    // A scan changes nothing, so that its lost answer leaves nothing in doubt.
    private static Outcome<NodeStorageAnswer> InDoubt(NodeStorageRequest request) => request is NodeStorageRequest.Scan
        ? Outcome.Failed<NodeStorageAnswer>(OutcomeKind.Unavailable, "The answer of the scan was lost.")
        : Outcome.Failed<NodeStorageAnswer>(OutcomeKind.InDoubt, $"The command of {request.GetType().Name} was killed.");

    private static ValueTask<Outcome<NodeStorageAnswer>> Never(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<Outcome<NodeStorageAnswer>>();
        cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return new ValueTask<Outcome<NodeStorageAnswer>>(never.Task);
    }

    private Outcome<NodeStorageAnswer> Carry(NodeStorageRequest request, bool half)
    {
        if (request is NodeStorageRequest.Scan)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(lvm.Observe()));
        }

        lvm.Changed();
        return Change(request, half);
    }

    private Outcome<NodeStorageAnswer> Change(NodeStorageRequest request, bool half) => request switch
    {
        NodeStorageRequest.CreateVolumeGroup create => FakeGroupCommands.Create(lvm, create, half),
        NodeStorageRequest.ExtendVolumeGroup extend => FakeGroupCommands.Extend(lvm, extend, half),
        NodeStorageRequest.RemoveVolumeGroup remove => FakeGroupCommands.Remove(lvm, remove, half),
        NodeStorageRequest.CreateLogicalVolume create => FakeVolumeCommands.Create(lvm, create, half),
        NodeStorageRequest.RemoveLogicalVolume remove => FakeVolumeCommands.Remove(lvm, remove, half),
        NodeStorageRequest.ExtendLogicalVolume extend => half ? InDoubt(extend) : FakeVolumeCommands.Extend(lvm, extend),
        NodeStorageRequest.TagLogicalVolume tag => half ? InDoubt(tag) : FakeVolumeCommands.Tag(lvm, tag),
        NodeStorageRequest.ActivateLogicalVolume activate => half ? InDoubt(activate) : FakeVolumeCommands.Activate(lvm, activate),
        _ => throw new System.Diagnostics.UnreachableException($"{request.GetType()} is not a request."),
    };

    // The command computes its answer from what it believes to have written. To say what that is, it is done and undone.
    private Outcome<NodeStorageAnswer> DropWrite(NodeStorageRequest request)
    {
        if (request is not NodeStorageRequest.CreateLogicalVolume create)
        {
            return Outcome.Failed<NodeStorageAnswer>(OutcomeKind.InDoubt, "The disk dropped a write.");
        }

        var outcome = FakeVolumeCommands.Create(lvm, create, half: false);
        if (outcome.IsDone)
        {
            lvm.RemoveBehindTheBack(create.Group, create.Name);
        }

        return outcome;
    }
}
