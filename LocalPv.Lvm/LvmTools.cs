using System.Collections.Concurrent;
using System.Collections.Immutable;
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
internal sealed class LvmTools(LvmOptions options, ICommandRunner runner, INodeFiles files)
{
    // A disk that does not answer in this time is left to the report, which has a limit of its own.
    private static readonly TimeSpan LookTimeLimit = TimeSpan.FromSeconds(2);

    // A disk of each group that was complete when it was last seen.
    private readonly ConcurrentDictionary<VolumeGroupName, DevicePath> _disks = new();

    // In a container there is no udev to wait for: LVM would wait for ever, or for ten seconds for each disk. Nor is there a dmeventd.
    private const string WithoutUdev =
        "devices{obtain_device_list_from_udev=0 external_device_info_source=\"none\" hints=\"none\"} "
        + "activation{udev_sync=0 udev_rules=0 monitoring=0}";

    /// <summary>Runs an LVM command that changes something.</summary>
    internal async Task<(Command Command, CommandResult Result)> ChangeAsync(
        CancellationToken cancellationToken, params ImmutableArray<string> arguments)
    {
        var command = Lvm(options.ChangeTimeLimit, arguments);
        return (command, await runner.RunAsync(command, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Runs another program, such as one that wipes.</summary>
    internal async Task<(Command Command, CommandResult Result)> RunAsync(
        string program, TimeSpan timeLimit, CancellationToken cancellationToken, params ImmutableArray<string> arguments)
    {
        var command = CommandPlace.Of(options, program, arguments, timeLimit);
        return (command, await runner.RunAsync(command, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>All groups that LVM sees; Unavailable where it cannot say.</summary>
    internal async Task<Outcome<ImmutableArray<ReportedGroup>>> GroupsAsync(CancellationToken cancellationToken)
    {
        var command = Lvm(options.ReadTimeLimit, LvmReport.Arguments);
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return LvmFailure.OfRead<ImmutableArray<ReportedGroup>>(command, result);
        }

        try
        {
            var groups = LvmReport.Read(result.Output);
            Remember(groups);
            return Outcome.Done(groups);
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException or OverflowException)
        {
            return Outcome.Failed<ImmutableArray<ReportedGroup>>(OutcomeKind.Unavailable, $"LVM's report cannot be read: {error.Message}");
        }
    }

    /// <summary>The group of that name; Unavailable where LVM cannot say, or sees none or several.</summary>
    internal async Task<Outcome<ReportedGroup>> GroupAsync(VolumeGroupName name, CancellationToken cancellationToken)
    {
        var all = await GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (!all.TryGetValue(out var groups))
        {
            return all.As<ReportedGroup>();
        }

        var named = groups.Where(group => group.Group.Name == name).ToArray();
        return named.Length == 1
            ? Outcome.Done(named[0])
            : Outcome.Failed<ReportedGroup>(
                OutcomeKind.Unavailable,
                named.Length == 0 ? $"The volume group {name} is not seen." : $"There are {named.Length} volume groups called {name}.");
    }

    /// <summary>
    /// A volume, if its tags name the claim, where one is given; Rejected where they do not, NotFound where there is none.
    /// </summary>
    internal async Task<Outcome<SeenVolume>> FindAsync(
        VolumeGroupName groupName, LogicalVolumeName name, ClaimUid? claim, CancellationToken cancellationToken)
    {
        var read = await GroupAsync(groupName, cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var group))
        {
            return read.As<SeenVolume>();
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
        if (_disks.TryGetValue(request.Group, out var disk))
        {
            try
            {
                var text = await Task.Run(
                    () => MetadataArea.Read((offset, count) => files.ReadBytes(disk.Value, offset, count)), cancellationToken)
                    .WaitAsync(LookTimeLimit, cancellationToken).ConfigureAwait(false);
                if (text is not null
                    && MetadataText.Volume(text, request.Group, request.Name, request.Layout, options.Activation) is { } made
                    && request.Tags.All(made.Tags.Contains) && made.Extents >= request.Extents)
                {
                    return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(made));
                }
            }
            catch (TimeoutException)
            {
                _disks.TryRemove(request.Group, out _);
            }
            catch (OperationCanceledException)
            {
                return Outcome.Failed<NodeStorageAnswer>(
                    OutcomeKind.InDoubt, $"The request was given up before {request.Group}/{request.Name} was seen.");
            }
        }

        return await AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The answer to a change that LVM says it has made: what is there now.</summary>
    internal async Task<Outcome<NodeStorageAnswer>> AnswerAsync(
        VolumeGroupName group, LogicalVolumeName name, CancellationToken cancellationToken)
    {
        var after = await GroupAsync(group, cancellationToken).ConfigureAwait(false);
        return after.TryGetValue(out var seen) && seen.Group.Volume(name) is { } volume
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(volume))
            : Outcome.Failed<NodeStorageAnswer>(
                OutcomeKind.InDoubt, $"LVM said that it changed {group}/{name}, but it is not seen: {after.Message}");
    }

    /// <summary>The disk on which each image of a mirrored volume ends, in the order of the images.</summary>
    internal async Task<Outcome<ImmutableArray<DevicePath>>> ImageDisksAsync(
        VolumeGroupName group, LogicalVolumeName name, CancellationToken cancellationToken)
    {
        var command = Lvm(options.ReadTimeLimit, [.. ImageReport.Arguments, group.Value]);
        var result = await runner.RunAsync(command, cancellationToken).ConfigureAwait(false);
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

    // Two groups of one name cannot be told apart by it.
    private void Remember(ImmutableArray<ReportedGroup> groups)
    {
        _disks.Clear();
        foreach (var named in groups.GroupBy(group => group.Group.Name))
        {
            if (named.Count() == 1 && named.Single().Group is { IsComplete: true, PhysicalVolumes: [{ Path: { } path }, ..] })
            {
                _disks[named.Key] = path;
            }
        }
    }

    private Command Lvm(TimeSpan timeLimit, ImmutableArray<string> arguments)
    {
        var all = arguments.ToBuilder();
        if (!options.Activation)
        {
            all.AddRange("--driverloaded", "n");
        }

        if (!options.Devices.IsEmpty)
        {
            all.AddRange("--devices", string.Join(',', options.Devices.Select(device => device.Value)));
        }

        if (!options.InHost)
        {
            all.AddRange("--config", WithoutUdev);
        }

        var command = CommandPlace.Of(options, options.LvmProgram, all.ToImmutable(), timeLimit);
        return options.SystemDirectory is { } directory
            ? command with { Environment = command.Environment.Add("LVM_SYSTEM_DIR", directory) }
            : command;
    }
}

/// <summary>A volume in its group, as a report has them.</summary>
internal sealed record SeenVolume(ReportedGroup Group, LogicalVolume Volume);
