using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>LVM's commands with the settings that all of them get, and the report that is read before and after each change.</summary>
internal sealed class LvmTools(LvmOptions options, ICommandRunner runner, INodeFiles files, DeviceScanner devices)
{
    // A disk that does not answer in this time is left to the report, which has a limit of its own.
    private static readonly TimeSpan LookTimeLimit = TimeSpan.FromSeconds(2);

    private readonly GroupDisks _disks = new();

    private readonly LoopDevices _loops = new(files);

    private readonly HostFilter _hostFilter = new(options, runner);

    // A report did not end: some device does not answer, and has to be found before the next.
    private volatile bool _hung;

    // In a container there is no udev to wait for: LVM would wait for ever, or for ten seconds for each disk. Nor is there a dmeventd.
    private const string WithoutUdev =
        "devices{obtain_device_list_from_udev=0 external_device_info_source=\"none\" hints=\"none\"} "
        + "activation{udev_sync=0 udev_rules=0 monitoring=0}";

    /// <summary>Runs an LVM command that changes something, and may look at every device.</summary>
    internal Task<(Command Command, CommandResult Result)> ChangeAsync(
        CancellationToken cancellationToken, params ImmutableArray<string> arguments) =>
        RunAsync(options.ChangeTimeLimit, [], arguments, cancellationToken);

    /// <summary>Runs an LVM command that changes volumes of one group, and looks at that group's disks only.</summary>
    internal Task<(Command Command, CommandResult Result)> ChangeAsync(
        VolumeGroupName group, CancellationToken cancellationToken, params ImmutableArray<string> arguments) =>
        RunAsync(options.ChangeTimeLimit, _disks.Of(group), arguments, cancellationToken);

    /// <summary>Runs another program, such as one that wipes.</summary>
    internal Task<(Command Command, CommandResult Result)> RunAsync(
        string program, TimeSpan timeLimit, CancellationToken cancellationToken, params ImmutableArray<string> arguments) =>
        RunAsync(CommandPlace.Of(options, program, arguments, timeLimit), cancellationToken);

    /// <summary>
    /// All groups that LVM sees; Unavailable where it cannot say. Where a device hangs the report, it is found and left out; where another
    /// command hangs and keeps its group locked, that group is marked.
    /// </summary>
    internal async Task<Outcome<ImmutableArray<ReportedGroup>>> GroupsAsync(CancellationToken cancellationToken)
    {
        if (_hung)
        {
            await devices.FindSilentAsync(cancellationToken).ConfigureAwait(false);
        }

        var wasHung = _hung;
        var reported = await ReportAsync([], cancellationToken).ConfigureAwait(false);
        if (_hung && !wasHung && !cancellationToken.IsCancellationRequested)
        {
            await devices.FindSilentAsync(cancellationToken).ConfigureAwait(false);
            reported = await ReportAsync([], cancellationToken).ConfigureAwait(false);
        }

        if (reported.TryGetValue(out var groups))
        {
            _disks.Remember(groups);
        }

        return reported;
    }

    /// <summary>
    /// The group of that name; Unavailable where LVM cannot say, or sees none or several. Looks at the group's disks only where they are
    /// known and all there.
    /// </summary>
    internal async Task<Outcome<ReportedGroup>> GroupAsync(VolumeGroupName name, CancellationToken cancellationToken)
    {
        if (_disks.Of(name) is { IsEmpty: false } disks)
        {
            var own = await ReportAsync(disks, cancellationToken).ConfigureAwait(false);
            if (own.TryGetValue(out var whole) && whole is [{ Group.IsComplete: true, IsLocked: false } one] && one.Group.Name == name)
            {
                _disks.Remember(one);
                return Outcome.Done(one);
            }

            _disks.Forget(name);
        }

        var all = await GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (!all.TryGetValue(out var groups))
        {
            return all.As<ReportedGroup>();
        }

        var named = groups.Where(group => group.Group.Name == name).ToArray();
        return named.Any(group => group.IsLocked) ? Locked<ReportedGroup>(name)
            : named.Length == 1 ? Outcome.Done(named[0])
            : Outcome.Failed<ReportedGroup>(
                OutcomeKind.Unavailable,
                named.Length == 0 ? $"The volume group {name} is not seen." : $"There are {named.Length} volume groups called {name}.");
    }

    /// <summary>What becomes of a request about a group that a command holds which does not end.</summary>
    internal static Outcome<T> Locked<T>(VolumeGroupName name) => Outcome.Failed<T>(
        OutcomeKind.Unavailable,
        $"The volume group {name} is locked: another command of LVM works on it and does not end. Look for it with 'ps -ef' on the "
            + "node (a container sees its own processes only), and for a disk that does not answer.");

    /// <summary>
    /// Why a change that LVM would make although a disk of the group is missing is not asked of it; null where none is missing. LVM writes
    /// into the metadata that the disk is missing: one that comes back stays so until somebody runs <c>vgextend --restoremissing</c>, and
    /// what lies on it is not activated (measured with lvm2 2.03.16).
    /// </summary>
    internal static Outcome<T>? WhyNotChanged<T>(VolumeGroup group) => group.IsComplete ? null : Outcome.Failed<T>(
        OutcomeKind.Unavailable,
        $"Nothing is changed in the volume group {group.Name} while a disk of it is missing: LVM would take it for missing also when it "
            + "is back. Bring it back, or take it out of the group with vgreduce.");

    /// <summary>What becomes of a request about a group whose name another has; null where it has none, or no other is meant.</summary>
    internal static Outcome<T>? WhyAnother<T>(ReportedGroup seen, string? wanted) =>
        wanted is null || seen.Group.Uuid == wanted ? null : Outcome.Failed<T>(
            OutcomeKind.Unavailable,
            $"The volume group {seen.Group.Name} is another: its uuid is {seen.Group.Uuid}, not {wanted}. That one is not seen.");

    /// <summary>
    /// Whether the group that has the name now is the one of that uuid: read from the disk itself, right before something is made in it,
    /// and from a report where that does not tell. Null where it is; otherwise what becomes of the request.
    /// </summary>
    internal async Task<Outcome<NodeStorageAnswer>?> WhyAnotherAsync(
        VolumeGroupName group, string uuid, CancellationToken cancellationToken)
    {
        if (await TextOfAsync(group, cancellationToken).ConfigureAwait(false) is { } text && MetadataText.UuidOf(text, group) == uuid)
        {
            return null;
        }

        var read = await GroupAsync(group, cancellationToken).ConfigureAwait(false);
        return read.TryGetValue(out var seen) ? WhyAnother<NodeStorageAnswer>(seen, uuid) : read.As<NodeStorageAnswer>();
    }

    /// <summary>Whether the disks that are remembered are those of the group of that uuid.</summary>
    internal bool IsRemembered(VolumeGroupName group, string uuid) => _disks.UuidOf(group) == uuid;

    /// <summary>The disks on which the group lay when it was last seen whole; empty where that is not known.</summary>
    internal ImmutableArray<DevicePath> DisksOf(VolumeGroupName group) => _disks.Of(group);

    /// <summary>
    /// A volume, if its tags name the claim, where one is given; Rejected where they do not, NotFound where there is none.
    /// </summary>
    internal Task<Outcome<SeenVolume>> FindAsync(
        VolumeGroupName groupName, LogicalVolumeName name, ClaimUid? claim, CancellationToken cancellationToken) =>
        FindAsync(groupName, null, name, claim, cancellationToken);

    /// <summary>The same; Unavailable where the group that has the name is not the one of that uuid.</summary>
    internal async Task<Outcome<SeenVolume>> FindAsync(
        VolumeGroupName groupName, string? groupUuid, LogicalVolumeName name, ClaimUid? claim, CancellationToken cancellationToken)
    {
        var read = await GroupAsync(groupName, cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var group))
        {
            return read.As<SeenVolume>();
        }

        if (WhyAnother<SeenVolume>(group, groupUuid) is { } another)
        {
            return another;
        }

        if (group.Group.Volume(name) is not { } volume)
        {
            return Outcome.Failed<SeenVolume>(OutcomeKind.NotFound, $"There is no volume {groupName}/{name}.");
        }

        return claim is null || volume.Claim == claim
            ? Outcome.Done(new SeenVolume(group, volume))
            : Outcome.Failed<SeenVolume>(
                OutcomeKind.Rejected,
                $"The volume {groupName}/{name} belongs to {volume.Claim?.Value ?? "nobody"}, not to claim {claim}.");
    }

    /// <summary>A volume as LVM's commands take it.</summary>
    internal static string FullName(VolumeGroupName group, LogicalVolumeName name) => $"{group.Value}/{name.Value}";

    /// <summary>
    /// The answer to a linear or striped volume's creation that LVM says it has done: read from the disk itself, which costs next to
    /// nothing, and from a report where that does not tell.
    /// </summary>
    internal async Task<Outcome<NodeStorageAnswer>> AnswerMadeAsync(
        NodeStorageRequest.CreateLogicalVolume request, CancellationToken cancellationToken)
    {
        if (await TextOfAsync(request.Group, cancellationToken).ConfigureAwait(false) is { } text
            && (request.GroupUuid is null || MetadataText.UuidOf(text, request.Group) == request.GroupUuid)
            && MetadataText.Volume(text, request.Group, request.Name, request.Layout, options.Activation) is { } made
            && request.Tags.All(made.Tags.Contains) && made.Extents >= request.Extents)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(made));
        }

        return await AnswerAsync(request.Group, request.Name, cancellationToken, request.GroupUuid).ConfigureAwait(false);
    }

    // What is written of a group on the first of its disks; null where they are not known, or the disk does not tell.
    private async Task<string?> TextOfAsync(VolumeGroupName group, CancellationToken cancellationToken)
    {
        if (_disks.Of(group) is not [var disk, ..])
        {
            return null;
        }

        try
        {
            return await Task.Run(
                () => MetadataArea.Read((offset, count) => files.ReadBytes(disk.Value, offset, count)), cancellationToken)
                .WaitAsync(LookTimeLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _disks.Forget(group);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>
    /// The answer to a change that LVM says it has made: what is there now, in the group of that uuid where one is given.
    /// </summary>
    internal async Task<Outcome<NodeStorageAnswer>> AnswerAsync(
        VolumeGroupName group, LogicalVolumeName name, CancellationToken cancellationToken, string? uuid = null)
    {
        var after = await GroupAsync(group, cancellationToken).ConfigureAwait(false);
        return after.TryGetValue(out var seen) && (uuid is null || seen.Group.Uuid == uuid) && seen.Group.Volume(name) is { } volume
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(volume))
            : Outcome.Failed<NodeStorageAnswer>(
                OutcomeKind.InDoubt, $"LVM said that it changed {group}/{name}, but it is not seen: {after.Message}");
    }

    /// <summary>The disk on which each image of a mirrored volume ends, in the order of the images.</summary>
    internal async Task<Outcome<ImmutableArray<DevicePath>>> ImageDisksAsync(
        VolumeGroupName group, LogicalVolumeName name, CancellationToken cancellationToken)
    {
        var (command, result) = await RunAsync(
            options.ReadTimeLimit, _disks.Of(group), [.. ImageReport.Arguments, group.Value], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return LvmFailure.OfRead<ImmutableArray<DevicePath>>(command, result);
        }

        try
        {
            return Outcome.Done(ImageReport.EndsOf(result.Output, name));
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            return Outcome.Failed<ImmutableArray<DevicePath>>(
                OutcomeKind.Unavailable, $"LVM's report of the images of {group}/{name} cannot be read: {error.Message}");
        }
    }

    // After one that hung, a report waits only for a moment. What hangs then is looked at without waiting: one report that takes only free
    // locks says which groups a command holds, and one that takes none says what the others look like, and which disks are whose.
    private async Task<Outcome<ImmutableArray<ReportedGroup>>> ReportAsync(
        ImmutableArray<DevicePath> only, CancellationToken cancellationToken)
    {
        var wasHung = _hung;
        var patience = wasHung ? options.PatienceAfterHang : options.ReadTimeLimit;
        var clock = Stopwatch.StartNew();
        var (command, result) = await RunAsync(patience, only, LvmReport.Arguments, cancellationToken).ConfigureAwait(false);
        ImmutableArray<string> locked = [];

        // Whoever gives up early is in a hurry; whoever waited for as long as a report may ever take has waited for a device.
        var hangs = result.End == CommandEnd.Killed
            || (result.End == CommandEnd.GivenUp && clock.Elapsed >= options.PatienceAfterHang);

        // A report of some disks that ends says nothing of the others, and one that did not end says nothing.
        _hung = hangs || (wasHung && (!only.IsEmpty || result.End == CommandEnd.GivenUp));
        if (hangs && wasHung)
        {
            (command, result) = await RunAsync(
                options.ReadTimeLimit, only, LvmReport.Arguments, cancellationToken, LvmReport.WaitForNoLock).ConfigureAwait(false);
            if (LvmReport.IsKeptOut(result, out locked))
            {
                (command, result) = await RunAsync(
                    options.ReadTimeLimit, only, [.. LvmReport.Arguments, LvmReport.WithoutLocks], cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        if (!result.Succeeded)
        {
            return LvmFailure.OfRead<ImmutableArray<ReportedGroup>>(command, result);
        }

        try
        {
            return Outcome.Done<ImmutableArray<ReportedGroup>>(
                [.. LvmReport.Read(result.Output).Select(group => group with { IsLocked = locked.Contains(group.Group.Name.Value) })]);
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException or OverflowException)
        {
            return Outcome.Failed<ImmutableArray<ReportedGroup>>(OutcomeKind.Unavailable, $"LVM's report cannot be read: {error.Message}");
        }
    }

    private async Task<(Command Command, CommandResult Result)> RunAsync(Command command, CancellationToken cancellationToken) =>
        (command, await runner.RunAsync(command, cancellationToken).ConfigureAwait(false));

    private async Task<(Command Command, CommandResult Result)> RunAsync(
        TimeSpan timeLimit,
        ImmutableArray<DevicePath> only,
        ImmutableArray<string> arguments,
        CancellationToken cancellationToken,
        string locking = "")
    {
        var filter = await FilterAsync(only, cancellationToken).ConfigureAwait(false);
        var command = Lvm(timeLimit, only, arguments, filter.IsDone ? filter.Value : null, locking);
        return filter.IsDone
            ? await RunAsync(command, cancellationToken).ConfigureAwait(false)
            : (command, new CommandResult(CommandEnd.HeldBack, -1, "", filter.Message, Truncated: false));
    }

    // A command sees all devices that answer where none are named, but none that shows what is in somebody's volume: where it cannot be
    // said which these are, there is no command.
    private async Task<Outcome<string?>> FilterAsync(ImmutableArray<DevicePath> only, CancellationToken cancellationToken)
    {
        if (!options.Devices.IsEmpty)
        {
            return Outcome.Done<string?>(null);
        }

        if (!only.IsEmpty && DeviceFilter.Only(only) is { } filter)
        {
            return Outcome.Done<string?>(filter);
        }

        if (!options.InHost)
        {
            return Outcome.Done<string?>(DeviceFilter.Without(devices.Silent, _loops));
        }

        // In the host its own lvm.conf says what else is hidden.
        var own = await _hostFilter.PatternsAsync(cancellationToken).ConfigureAwait(false);
        return own.IsDone
            ? Outcome.Done<string?>(DeviceFilter.Without(devices.Silent, _loops, own.Value))
            : own.As<string?>();
    }

    private Command Lvm(
        TimeSpan timeLimit, ImmutableArray<DevicePath> only, ImmutableArray<string> arguments, string? filter, string locking)
    {
        var all = arguments.ToBuilder();
        if (!options.Activation)
        {
            all.AddRange("--driverloaded", "n");
        }

        if (!options.Devices.IsEmpty)
        {
            var seen = only.IsEmpty ? options.Devices.Except(devices.Silent) : only;
            all.AddRange("--devices", string.Join(',', seen.Select(device => device.Value)));
        }

        var settings = new[] { options.InHost ? null : WithoutUdev, filter, locking }.Where(text => !string.IsNullOrEmpty(text)).ToArray();
        if (settings.Length > 0)
        {
            all.AddRange("--config", string.Join(' ', settings));
        }

        var command = CommandPlace.Of(options, options.LvmProgram, all.ToImmutable(), timeLimit) with
        {
            FinishesFirst = arguments[0] is not ("fullreport" or "lvs" or "pvs"),
        };
        return options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
    }
}

/// <summary>A volume in its group, as a report has them.</summary>
internal sealed record SeenVolume(ReportedGroup Group, LogicalVolume Volume);
