using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>Carries out the requests about volume groups.</summary>
internal sealed class GroupRequests(LvmTools tools, DeviceScanner devices, LvmOptions options)
{
    internal async Task<Outcome<NodeStorageAnswer>> CreateAsync(
        NodeStorageRequest.CreateVolumeGroup request, CancellationToken cancellationToken)
    {
        if (request.Disks.IsEmpty)
        {
            return Failed(OutcomeKind.Refused, $"The volume group {request.Name} needs a disk at least.");
        }

        var read = await tools.GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var groups))
        {
            return read.As<NodeStorageAnswer>();
        }

        if (groups.Any(group => group.Group.Name == request.Name))
        {
            return Failed(OutcomeKind.AlreadyExists, $"A volume group called {request.Name} already exists.");
        }

        if (await PrepareAsync(request.Disks, groups, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        // Without --yes: a signature that came up meanwhile makes LVM ask, and no answer means no.
        ImmutableArray<string> arguments =
        [
            "vgcreate",
            "--physicalextentsize", request.ExtentSize.Size.Value.ToString(CultureInfo.InvariantCulture) + "b",
            .. request.Tags.SelectMany(tag => new[] { "--addtag", tag.Value }),
            request.Name.Value,
            .. request.Disks.Select(disk => disk.Path.Value),
        ];
        var (command, result) = await tools.ChangeAsync(cancellationToken, arguments).ConfigureAwait(false);
        return result.Succeeded
            ? await AnswerAsync(request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> ExtendAsync(
        NodeStorageRequest.ExtendVolumeGroup request, CancellationToken cancellationToken)
    {
        var read = await tools.GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var groups))
        {
            return read.As<NodeStorageAnswer>();
        }

        if (WhyNotThatGroup(groups, request.Name, request.Uuid, out var reported) is { } wrong)
        {
            return wrong;
        }

        var news = request.Disks
            .Where(disk => !reported.Group.PhysicalVolumes.Any(member => member.Path == disk.Path)).ToImmutableArray();
        if (news.IsEmpty)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Group(reported.Group));
        }

        if (!reported.Group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {request.Name} while a disk of it is missing.");
        }

        if (await PrepareAsync(news, groups, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        var (command, result) = await tools.ChangeAsync(
            cancellationToken, ["vgextend", request.Name.Value, .. news.Select(disk => disk.Path.Value)]).ConfigureAwait(false);
        return result.Succeeded
            ? await AnswerAsync(request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> RemoveAsync(
        NodeStorageRequest.RemoveVolumeGroup request, CancellationToken cancellationToken)
    {
        var read = await tools.GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var groups))
        {
            return read.As<NodeStorageAnswer>();
        }

        if (WhyNotThatGroup(groups, request.Name, request.Uuid, out var reported) is { } wrong)
        {
            return wrong;
        }

        var group = reported.Group;
        if (!group.Tags.Any(tag => tag.Value == WellKnown.OurTag))
        {
            return Failed(OutcomeKind.Rejected, $"The volume group {group.Name} is not ours: it lacks the tag {WellKnown.OurTag}.");
        }

        if (reported.HasVolumes)
        {
            return Failed(OutcomeKind.Rejected, $"The volume group {group.Name} holds {group.LogicalVolumes.Length} volumes.");
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Unavailable, $"Cannot remove the volume group {group.Name} while a disk of it is missing.");
        }

        // Nothing lies in the pool, but vgremove would not remove it.
        if (reported.Pool is { } pool
            && await RemovePoolAsync(group.Name, pool, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        // Without --yes: with it, vgremove would remove volumes that came up meanwhile.
        var (command, result) = await tools.ChangeAsync(cancellationToken, ["vgremove", group.Name.Value]).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return LvmFailure.Of<NodeStorageAnswer>(command, result);
        }

        var disks = group.PhysicalVolumes.Select(disk => disk.Path!.Value.Value);
        (command, result) = await tools.ChangeAsync(cancellationToken, ["pvremove", .. disks]).ConfigureAwait(false);
        return result.Succeeded
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed())
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    private async Task<Outcome<NodeStorageAnswer>?> RemovePoolAsync(
        VolumeGroupName group, PoolReport pool, CancellationToken cancellationToken)
    {
        ImmutableArray<string> parts =
        [
            .. pool.HasData ? [$"{group}/{PoolReport.Name}"] : Array.Empty<string>(),
            .. pool is { IsMade: false, HasMetadata: true } ? [$"{group}/{PoolReport.MetadataName}"] : Array.Empty<string>(),
        ];
        var (command, result) = await tools.ChangeAsync(
            cancellationToken, ["lvremove", "--yes", "--force", .. parts]).ConfigureAwait(false);
        return result.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    // Reads the disks again, right before they are used, and wipes what may be wiped.
    private async Task<Outcome<NodeStorageAnswer>?> PrepareAsync(
        ImmutableArray<DiskToUse> wanted, ImmutableArray<ReportedGroup> groups, CancellationToken cancellationToken)
    {
        var scan = await devices.ScanAsync([.. groups.Select(group => group.Group)], cancellationToken).ConfigureAwait(false);
        if (!scan.TryGetValue(out var seen))
        {
            return scan.As<NodeStorageAnswer>();
        }

        var found = wanted.Select(disk => (Wanted: disk, Seen: seen.FirstOrDefault(device => device.Disk.Path == disk.Path))).ToArray();
        var why = found.Select(disk => WhyNot(disk.Wanted, disk.Seen?.Disk));
        if (why.FirstOrDefault(reason => reason is not null) is { } first)
        {
            return Failed(OutcomeKind.Rejected, first);
        }

        foreach (var (disk, device) in found)
        {
            var label = device!.Label;
            if (!disk.WipeSignatures && label is not { IsMarked: true })
            {
                continue;
            }

            // The mark is taken back by making the physical volume anew. It keeps its uuid, by which the others' labels are judged: a crash
            // between two of them leaves all that is needed to go on.
            var (command, result) = label is { IsMarked: true }
                ? await tools.ChangeAsync(
                    cancellationToken,
                    ["pvcreate", "--force", "--force", "--yes", "--norestorefile", "--uuid", label.Uuid, disk.Path.Value])
                    .ConfigureAwait(false)
                : await tools.RunAsync("wipefs", options.ChangeTimeLimit, cancellationToken, ["--all", disk.Path.Value])
                    .ConfigureAwait(false);
            if (!result.Succeeded)
            {
                return LvmFailure.Of<NodeStorageAnswer>(command, result);
            }
        }

        return null;
    }

    private static string? WhyNot(DiskToUse wanted, ObservedDisk? seen)
    {
        if (seen is null)
        {
            return $"{wanted.Path}: no disk is there any more.";
        }

        if (seen.Id != wanted.Id || seen.Size != wanted.Size)
        {
            return $"{wanted.Path}: is disk {seen.Id} with {seen.Size}, not {wanted.Id} with {wanted.Size}.";
        }

        return !seen.Readable ? $"{wanted.Path}: cannot be read."
            : seen.ReadOnly ? $"{wanted.Path}: is read-only."
            : seen.VolumeGroup is { } other ? $"{wanted.Path}: belongs to the volume group {other}."
            : seen.MountPoint.Length > 0 ? $"{wanted.Path}: is in use at {seen.MountPoint}."
            : seen.Holder.Length > 0 ? $"{wanted.Path}: is held by {seen.Holder}."
            : wanted.WipeSignatures ? null
            : seen.Partitioned ? $"{wanted.Path}: is partitioned or a partition."
            : seen.Signature.Length > 0 ? $"{wanted.Path}: carries a signature of {seen.Signature} now."
            : null;
    }

    private static Outcome<NodeStorageAnswer>? WhyNotThatGroup(
        ImmutableArray<ReportedGroup> groups, VolumeGroupName name, string uuid, out ReportedGroup found)
    {
        var named = groups.Where(group => group.Group.Name == name).ToArray();
        found = named.FirstOrDefault(group => group.Group.Uuid == uuid)!;
        return found is { IsLocked: true } ? LvmTools.Locked<NodeStorageAnswer>(name)
            : found is not null ? null
            : named.Length == 0 ? Failed(OutcomeKind.NotFound, $"There is no volume group {name}.")
            : Failed(OutcomeKind.Rejected, $"The volume group {name} has the uuid {named[0].Group.Uuid}, not {uuid}.");
    }

    private async Task<Outcome<NodeStorageAnswer>> AnswerAsync(VolumeGroupName name, CancellationToken cancellationToken)
    {
        var after = await tools.GroupAsync(name, cancellationToken).ConfigureAwait(false);
        return after.TryGetValue(out var group)
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Group(group.Group))
            : Failed(OutcomeKind.InDoubt, $"LVM said that it changed {name}, but: {after.Message}");
    }

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
