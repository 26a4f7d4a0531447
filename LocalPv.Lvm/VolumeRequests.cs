using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>Carries out the requests about logical volumes.</summary>
internal sealed class VolumeRequests(LvmTools tools, LvmOptions options)
{
    internal async Task<Outcome<NodeStorageAnswer>> ExtendAsync(
        NodeStorageRequest.ExtendLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(request.Group, request.Name, request.Claim, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        if (seen.Volume.Extents >= request.Extents)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume));
        }

        if (!seen.Group.Group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {request.Group} while a disk of it is missing.");
        }

        if (request.Extents.Value > VolumeCreation.ExtentsMax)
        {
            return VolumeCreation.TooManyExtents(request.Name, request.Extents);
        }

        var disks = ImmutableArray<DevicePath>.Empty;
        if (seen.Volume.Layout.Type == LayoutType.Raid1)
        {
            var images = await tools.ImageDisksAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false);
            if (!images.TryGetValue(out disks))
            {
                return images.As<NodeStorageAnswer>();
            }
        }

        var (command, result) = await tools.ChangeAsync(
            cancellationToken,
            [
                "lvextend",
                "--extents", request.Extents.Value.ToString(CultureInfo.InvariantCulture),
                FullName(request.Group, request.Name),
                .. disks.Select(disk => disk.Value),
            ]).ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> RemoveAsync(
        NodeStorageRequest.RemoveLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(request.Group, request.Name, request.Claim, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        var name = FullName(request.Group, request.Name);
        if (seen.Group.OpenVolumes.Contains(request.Name.Value))
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} is in use.");
        }

        // lvremove would remove it all the same, and what lies on the missing disk would come back with it unwiped.
        if (seen.Volume.Partial)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} cannot be wiped: a disk of it is missing.");
        }

        if (options.Activation && await WipeAsync(name, seen.Volume, request.Wipe, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        var (command, result) = await tools.ChangeAsync(cancellationToken, ["lvremove", "--yes", "--force", name]).ConfigureAwait(false);
        return result.Succeeded
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed())
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> TagAsync(
        NodeStorageRequest.TagLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(request.Group, request.Name, request.Claim, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        if (seen.Volume.Tags.Contains(request.Tag))
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume));
        }

        var (command, result) = await tools.ChangeAsync(
            cancellationToken, ["lvchange", "--addtag", request.Tag.Value, FullName(request.Group, request.Name)]).ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> ActivateAsync(
        NodeStorageRequest.ActivateLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(request.Group, request.Name, null, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        var name = FullName(request.Group, request.Name);
        if (seen.Volume.Active)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume));
        }

        if (seen.Volume.Partial)
        {
            return Failed(OutcomeKind.Rejected, $"The volume {name} cannot be activated: a disk of it is missing.");
        }

        if (!options.Activation)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} cannot be activated: this kernel has no device-mapper.");
        }

        var (command, result) = await tools.ChangeAsync(
            cancellationToken, ["lvchange", "--activate", "y", "--yes", name]).ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    // Wiping goes through the device, so the volume has to be active. blkdiscard opens it exclusively: it fails on one that is mounted.
    private async Task<Outcome<NodeStorageAnswer>?> WipeAsync(
        string name, LogicalVolume volume, WipePolicy policy, CancellationToken cancellationToken)
    {
        if (!volume.Active)
        {
            var (activation, activated) = await tools.ChangeAsync(
                cancellationToken, ["lvchange", "--activate", "y", "--yes", name]).ConfigureAwait(false);
            if (!activated.Succeeded)
            {
                return LvmFailure.Of<NodeStorageAnswer>(activation, activated);
            }
        }

        var device = "/dev/" + name;
        var (command, result) = policy switch
        {
            WipePolicy.Zero => await tools.RunAsync(
                "blkdiscard", options.WipeTimeLimit, cancellationToken, ["--zeroout", device]).ConfigureAwait(false),
            WipePolicy.Discard => await tools.RunAsync(
                "blkdiscard", options.WipeTimeLimit, cancellationToken, [device]).ConfigureAwait(false),
            _ => await tools.RunAsync(
                "wipefs", options.ChangeTimeLimit, cancellationToken, ["--all", device]).ConfigureAwait(false),
        };
        return result.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    private async Task<Outcome<SeenVolume>> FindAsync(
        VolumeGroupName groupName, LogicalVolumeName name, ClaimUid? claim, CancellationToken cancellationToken)
    {
        var read = await tools.GroupAsync(groupName, cancellationToken).ConfigureAwait(false);
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

    private static string FullName(VolumeGroupName group, LogicalVolumeName name) => $"{group.Value}/{name.Value}";

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);

    private sealed record SeenVolume(ReportedGroup Group, LogicalVolume Volume);
}
