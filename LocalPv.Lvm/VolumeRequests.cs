using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm;

/// <summary>Carries out the requests about logical volumes.</summary>
internal sealed class VolumeRequests(LvmTools tools, LvmOptions options)
{
    internal async Task<Outcome<NodeStorageAnswer>> ExtendAsync(
        NodeStorageRequest.ExtendLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await tools.FindAsync(request.Group, request.Name, request.Claim, cancellationToken).ConfigureAwait(false);
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

        if (request.Extents.Value > VolumeGroup.ExtentsMax)
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
            request.Group,
            cancellationToken,
            [
                "lvextend",
                "--extents", request.Extents.Value.ToString(CultureInfo.InvariantCulture),
                LvmTools.FullName(request.Group, request.Name),
                .. disks.Select(disk => disk.Value),
            ]).ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> TagAsync(
        NodeStorageRequest.TagLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await tools.FindAsync(request.Group, request.Name, request.Claim, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        if (seen.Volume.Tags.Contains(request.Tag))
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume));
        }

        if (LvmTools.WhyNotChanged<NodeStorageAnswer>(seen.Group.Group) is { } incomplete)
        {
            return incomplete;
        }

        var (command, result) = await tools.ChangeAsync(
            request.Group, cancellationToken, ["lvchange", "--addtag", request.Tag.Value, LvmTools.FullName(request.Group, request.Name)])
            .ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    internal async Task<Outcome<NodeStorageAnswer>> ActivateAsync(
        NodeStorageRequest.ActivateLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await tools.FindAsync(request.Group, request.Name, request.NewFor, cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        var name = LvmTools.FullName(request.Group, request.Name);
        var clear = request.NewFor is not null && options.Activation;
        if (seen.Volume.Active && !clear)
        {
            return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume));
        }

        if (clear && seen.Group.OpenVolumes.Contains(request.Name.Value))
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} is in use.");
        }

        // Of a mirrored volume LVM knows whether enough is left; a new one is given to nobody without all of it.
        if (seen.Volume.Partial && (seen.Volume.Layout.Type != LayoutType.Raid1 || request.NewFor is not null))
        {
            return Failed(OutcomeKind.Rejected, $"The volume {name} cannot be activated: a disk of it is missing.");
        }

        if (!options.Activation)
        {
            return request.NewFor is not null
                ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Volume(seen.Volume))
                : Failed(OutcomeKind.Unavailable, $"The volume {name} cannot be activated: device-mapper is turned off here.");
        }

        if (!seen.Volume.Active)
        {
            var (command, result) = await tools.ChangeAsync(
                request.Group, cancellationToken, ["lvchange", "--activate", "y", "--yes", name]).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                return LvmFailure.Of<NodeStorageAnswer>(command, result);
            }
        }

        return (clear ? await ClearAsync(name, cancellationToken).ConfigureAwait(false) : null)
            ?? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false);
    }

    // What lvcreate does with --wipesignatures y --zero y.
    private async Task<Outcome<NodeStorageAnswer>?> ClearAsync(string name, CancellationToken cancellationToken)
    {
        var device = "/dev/" + name;
        var (wipe, wiped) = await tools.RunAsync(
            "wipefs", options.ChangeTimeLimit, cancellationToken, ["--all", device]).ConfigureAwait(false);
        if (!wiped.Succeeded)
        {
            return LvmFailure.Of<NodeStorageAnswer>(wipe, wiped);
        }

        var (zero, zeroed) = await tools.RunAsync(
            "blkdiscard", options.ChangeTimeLimit, cancellationToken, ["--zeroout", "--offset", "0", "--length", "4096", device])
            .ConfigureAwait(false);
        return zeroed.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(zero, zeroed);
    }

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
