using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.World;

/// <summary>
/// Commands that stand still in a node's kernel, as on a disk that does not answer: SIGKILL ends them only when the kernel lets go of them.
/// Their agent waits for them for a while beyond their time, and then goes on. As long as they are there
/// <list type="bullet">
/// <item>a command that changes volumes keeps the lock of its group: the first report waits in vain, those after it leave the group
/// out, and no other change of the group is begun;</item>
/// <item>a command that makes, grows or removes a group keeps the lock of all groups: reports see everything as it is, and no other such
/// command is begun;</item>
/// <item>a program that wipes a volume keeps no lock of LVM, but the volume's device open.</item>
/// </list>
/// Where they end up is for whoever lets them go.
/// </summary>
internal sealed class StuckCommands(FakeLvm lvm)
{
    // Ten seconds to finish once it was asked to end, and five to die, as the runner of commands gives them.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<Stuck> _commands = [];
    private bool _nextReportHangs;

    private enum Hold
    {
        AllGroups,
        Group,
        Device,
    }

    /// <summary>Whether a report leaves out any group.</summary>
    internal bool LocksGroups => _commands.Exists(command => command.Hold == Hold.Group);

    /// <summary>Whether a report leaves out that group.</summary>
    internal bool Locks(VolumeGroupName group) => _commands.Exists(command => command.Hold == Hold.Group && command.Group == group);

    /// <summary>Takes a change that arrives; false where it waits for the lock of another and so can be killed.</summary>
    /// <param name="request">The change.</param>
    /// <param name="held">What lets it go on.</param>
    /// <param name="whileWiping">Whether it stands still while it wipes, where it wipes at all.</param>
    internal bool Take(NodeStorageRequest request, IHeldEffect held, bool whileWiping)
    {
        if (KeepsOut(request, out _) || request.VolumeGroup is not { } group || IsBeingWiped(group, VolumeWipedBy(request)))
        {
            return false;
        }

        var device = whileWiping ? WipedBy(request) : null;
        var hold = IsOfGroups(request) ? Hold.AllGroups : device is not null ? Hold.Device : Hold.Group;
        _nextReportHangs |= hold != Hold.Device;
        if (device is { } wiped)
        {
            lvm.SetOpen(group, wiped, open: true);
        }

        _commands.Add(new Stuck(group, hold, device, held));
        held.AnswerInDoubtAfter(Patience);
        return true;
    }

    /// <summary>
    /// Whether a lock that is kept keeps a request from being carried out, and its answer; null where it waits until its time is up.
    /// </summary>
    internal bool KeepsOut(NodeStorageRequest request, out Outcome<NodeStorageAnswer>? answer)
    {
        answer = null;
        if (request is NodeStorageRequest.Scan)
        {
            (var hangs, _nextReportHangs) = (_nextReportHangs, false);
            return hangs;
        }

        if (IsOfGroups(request) && _commands.Exists(command => command.Hold == Hold.AllGroups))
        {
            return true;
        }

        if (!_commands.Exists(command => command.Hold != Hold.Device && command.Group == request.VolumeGroup))
        {
            return false;
        }

        // What makes a volume does not look first, and waits for the lock.
        answer = request is NodeStorageRequest.CreateLogicalVolume
            ? null
            : Outcome.Failed<NodeStorageAnswer>(OutcomeKind.Unavailable, $"The volume group {request.VolumeGroup} is locked.");
        return true;
    }

    /// <summary>Gives back their locks, and the commands in the order in which they came.</summary>
    internal IReadOnlyList<IHeldEffect> Release()
    {
        foreach (var command in _commands)
        {
            if (command.Device is { } device && Find(command.Group, device))
            {
                lvm.SetOpen(command.Group, device, open: false);
            }
        }

        var held = _commands.ConvertAll(command => command.Held);
        _commands.Clear();
        _nextReportHangs = false;
        return held;
    }

    private static bool IsOfGroups(NodeStorageRequest request) => request
        is NodeStorageRequest.CreateVolumeGroup or NodeStorageRequest.ExtendVolumeGroup or NodeStorageRequest.RemoveVolumeGroup;

    // Null where it is not there, or in use: then it is not wiped.
    private LogicalVolumeName? WipedBy(NodeStorageRequest request) =>
        request.VolumeGroup is { } group && VolumeWipedBy(request) is { } wiped && Find(group, wiped) && !lvm.IsOpen(group, wiped)
            ? wiped
            : null;

    private static LogicalVolumeName? VolumeWipedBy(NodeStorageRequest request) => request switch
    {
        NodeStorageRequest.RemoveLogicalVolume remove => remove.Name,
        NodeStorageRequest.ActivateLogicalVolume { NewFor: not null } activate => activate.Name,
        _ => null,
    };

    private bool IsBeingWiped(VolumeGroupName group, LogicalVolumeName? name) =>
        name is not null && _commands.Exists(command => command.Group == group && command.Device == name);

    private bool Find(VolumeGroupName group, LogicalVolumeName name) =>
        lvm.AllGroups().Any(candidate => candidate.Name == group && candidate.Volume(name) is not null);

    private sealed record Stuck(VolumeGroupName Group, Hold Hold, LogicalVolumeName? Device, IHeldEffect Held);
}
