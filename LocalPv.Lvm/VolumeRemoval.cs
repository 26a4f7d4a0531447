using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm;

/// <summary>
/// Wipes and removes logical volumes. A wipe is done in parts, so that it does not hold up its group for hours; how far it got is kept
/// in a tag, so that it goes on there after a restart.
/// </summary>
internal sealed class VolumeRemoval(LvmTools tools, LvmOptions options)
{
    // Each part begins with a step that the slowest disk ends in time, since a step that is killed would be begun anew for ever; as long
    // as they are quick, the steps double.
    private const long FirstStep = 8L << 20;

    internal async Task<Outcome<NodeStorageAnswer>> RemoveAsync(
        NodeStorageRequest.RemoveLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await tools.FindAsync(request.Group, request.GroupUuid, request.Name, request.Claim, cancellationToken)
            .ConfigureAwait(false);
        if (!found.TryGetValue(out var seen))
        {
            return found.As<NodeStorageAnswer>();
        }

        var name = LvmTools.FullName(request.Group, request.Name);
        if (seen.Group.OpenVolumes.Contains(request.Name.Value))
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} is in use.");
        }

        // lvremove would remove it all the same, and what lies on the missing disk would come back with it unwiped.
        if (seen.Volume.Partial)
        {
            return Failed(OutcomeKind.Unavailable, $"The volume {name} cannot be wiped: a disk of it is missing.");
        }

        if (LvmTools.WhyNotChanged<NodeStorageAnswer>(seen.Group.Group) is { } incomplete)
        {
            return incomplete;
        }

        if (WhyKept(seen, name) is { } kept)
        {
            return kept;
        }

        // A person may have set it since the agent last looked.
        if (request.OnlyUnused && seen.Volume.Tags.Contains(LvmTag.Parse(WellKnown.RetainTag)))
        {
            return Failed(OutcomeKind.Rejected, $"The volume {name} has the tag {WellKnown.RetainTag}.");
        }

        if (request.OnlyUnused && options.Activation
            && await WhyInUseAsync(request, seen.Volume, cancellationToken).ConfigureAwait(false) is { } used)
        {
            return used;
        }

        // To write zeros over a thin volume would take space for all of it; its pool clears what it gives to the next.
        if (options.Activation && seen.Volume.Layout.Type != LayoutType.Thin
            && await WipeAsync(request, seen.Volume, cancellationToken).ConfigureAwait(false) is { } unfinished)
        {
            return unfinished;
        }

        var (command, result) = await tools.ChangeAsync(
            request.Group, cancellationToken, ["lvremove", "--yes", "--force", name]).ConfigureAwait(false);
        return result.Succeeded
            ? Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed())
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    // Null where nothing is on the volume that whoever mounts volumes would have put there.
    private async Task<Outcome<NodeStorageAnswer>?> WhyInUseAsync(
        NodeStorageRequest.RemoveLogicalVolume request, LogicalVolume volume, CancellationToken cancellationToken)
    {
        if (await ActivateAsync(request, volume, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        var name = LvmTools.FullName(request.Group, request.Name);
        var (command, result) = await tools.RunAsync(
            "wipefs", options.ProbeTimeLimit, cancellationToken, ["--json", "--no-act", "/dev/" + name]).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return LvmFailure.OfRead<NodeStorageAnswer>(command, result);
        }

        return DeviceProbe.Read(result.Output) is not { } found
            ? Failed(OutcomeKind.Unavailable, $"What wipefs says of {name} cannot be read.")
            : found.IsEmpty ? null
            : Failed(OutcomeKind.Rejected, $"The volume {name} holds data ({string.Join(", ", found.Distinct())}).");
    }

    // Null when the volume has its device.
    private async Task<Outcome<NodeStorageAnswer>?> ActivateAsync(
        NodeStorageRequest.RemoveLogicalVolume request, LogicalVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Active)
        {
            return null;
        }

        var (command, result) = await tools.ChangeAsync(
            request.Group, cancellationToken, ["lvchange", "--activate", "y", "--yes", LvmTools.FullName(request.Group, request.Name)])
            .ConfigureAwait(false);
        return result.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    // Null when all is wiped. Wiping goes through the device, so the volume has to be active.
    private async Task<Outcome<NodeStorageAnswer>?> WipeAsync(
        NodeStorageRequest.RemoveLogicalVolume request, LogicalVolume volume, CancellationToken cancellationToken)
    {
        var name = LvmTools.FullName(request.Group, request.Name);
        if (await ActivateAsync(request, volume, cancellationToken).ConfigureAwait(false) is { } inactive)
        {
            return inactive;
        }

        if (request.Wipe == WipePolicy.Signatures)
        {
            var (command, result) = await tools.RunAsync(
                "wipefs", options.ChangeTimeLimit, cancellationToken, ["--all", "/dev/" + name]).ConfigureAwait(false);
            return result.Succeeded
                ? await WhyKeptAsync(request, cancellationToken).ConfigureAwait(false)
                : LvmFailure.Of<NodeStorageAnswer>(command, result);
        }

        var begun = WipeProgress.Of(volume, request.Wipe);
        var clock = Stopwatch.StartNew();
        var done = begun.Done;
        var most = Math.Min(FirstStep, options.WipeStep.Value);
        while (done < volume.Size.Value)
        {
            if (done > begun.Done && clock.Elapsed >= options.WipePart)
            {
                // Snapshots are looked for as the next part begins; but a part that an image has missed must not count as wiped.
                var missed = volume.Layout.Type == LayoutType.Raid1
                    ? await WhyKeptAsync(request, cancellationToken).ConfigureAwait(false)
                    : null;
                return missed ?? await KeepAsync(request, begun, done, cancellationToken).ConfigureAwait(false);
            }

            var step = Math.Min(most, volume.Size.Value - done);
            var before = clock.Elapsed;
            if (await WipeStepAsync("/dev/" + name, request.Wipe, done, step, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }

            done += step;
            if (clock.Elapsed - before < options.WipePart / 4)
            {
                most = Math.Min(2 * most, options.WipeStep.Value);
            }
        }

        return await WhyKeptAsync(request, cancellationToken).ConfigureAwait(false);
    }

    // A wipe takes long. An image that fails meanwhile is left out without a word: the zeros go to the others, and all seems well.
    private async Task<Outcome<NodeStorageAnswer>?> WhyKeptAsync(
        NodeStorageRequest.RemoveLogicalVolume request, CancellationToken cancellationToken)
    {
        var found = await tools.FindAsync(request.Group, request.GroupUuid, request.Name, request.Claim, cancellationToken)
            .ConfigureAwait(false);
        return found.TryGetValue(out var seen)
            ? WhyKept(seen, LvmTools.FullName(request.Group, request.Name))
            : found.As<NodeStorageAnswer>();
    }

    // lvremove would remove snapshots too, and what the wipe writes over would be kept in them until then.
    private static Outcome<NodeStorageAnswer>? WhyKept(SeenVolume seen, string name) =>
        seen.Group.Snapshots[seen.Volume.Name.Value].ToArray() is { Length: > 0 } snapshots
            ? Failed(
                OutcomeKind.Unavailable,
                $"The volume {name} has snapshots that somebody made of it, and that would go with it: {string.Join(", ", snapshots)}. "
                    + "Copy what is needed of them, wipe and remove them.")
            : WhyUnhealthy(seen, name);

    private static Outcome<NodeStorageAnswer>? WhyUnhealthy(SeenVolume seen, string name) =>
        !seen.Group.Unhealthy.Contains(seen.Volume.Name.Value) ? null : Failed(
            OutcomeKind.Unavailable,
            $"The volume {name} cannot be wiped: one of its images does not get what is written, and would keep its data. Where its disk "
                + $"works, run 'lvchange --refresh {name}' on the node; else see docs/disk-replacement.md, Mirrored volumes.");

    // A plain discard promises nothing: the blocks may go on to read as they were. To punch a hole in a device is the discard that the
    // kernel allows only where the blocks read as zeros afterwards. That nobody has the device open was seen before the first part.
    private async Task<Outcome<NodeStorageAnswer>?> WipeStepAsync(
        string device, WipePolicy policy, long offset, long length, CancellationToken cancellationToken)
    {
        ImmutableArray<string> range = ["--offset", Number(offset), "--length", Number(length), device];
        if (policy == WipePolicy.Discard)
        {
            var (discard, discarded) = await tools.RunAsync(
                "fallocate", options.ChangeTimeLimit, cancellationToken, ["--punch-hole", .. range]).ConfigureAwait(false);
            if (discarded.Succeeded)
            {
                return null;
            }

            if (discarded.WasKilled)
            {
                return LvmFailure.Of<NodeStorageAnswer>(discard, discarded);
            }
        }

        // Also for a disk that makes no such promise.
        var (command, result) = await tools.RunAsync(
            "blkdiscard", options.ChangeTimeLimit, cancellationToken, ["--zeroout", .. range]).ConfigureAwait(false);
        return result.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    private async Task<Outcome<NodeStorageAnswer>> KeepAsync(
        NodeStorageRequest.RemoveLogicalVolume request, WipeProgress begun, long done, CancellationToken cancellationToken)
    {
        ImmutableArray<string> arguments =
        [
            "lvchange", "--addtag", WipeProgress.TagOf(request.Wipe, done).Value,
            .. begun.Tags.SelectMany(tag => new[] { "--deltag", tag.Value }),
            LvmTools.FullName(request.Group, request.Name),
        ];
        var (command, result) = await tools.ChangeAsync(request.Group, cancellationToken, arguments).ConfigureAwait(false);
        return result.Succeeded
            ? await tools.AnswerAsync(request.Group, request.Name, cancellationToken).ConfigureAwait(false)
            : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
