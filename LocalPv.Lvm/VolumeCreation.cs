using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>Makes logical volumes of every layout.</summary>
internal sealed class VolumeCreation(LvmTools tools, LvmOptions options)
{
    private readonly ThinPoolCreation _pools = new(tools);

    internal async Task<Outcome<NodeStorageAnswer>> CreateAsync(
        NodeStorageRequest.CreateLogicalVolume request, CancellationToken cancellationToken)
    {
        if (request.Extents == ExtentCount.Zero)
        {
            return Failed(OutcomeKind.Refused, $"The volume {request.Name} needs an extent at least.");
        }

        if (request.Extents.Value > VolumeGroup.ExtentsMax)
        {
            return TooManyExtents(request.Name, request.Extents);
        }

        if (!options.Activation && request.Layout.Type is LayoutType.Raid1 or LayoutType.Thin)
        {
            return Failed(
                OutcomeKind.Refused,
                $"LVM makes {request.Layout.Type} volumes such as {request.Name} only with device-mapper, which is turned off here.");
        }

        // LVM refuses by itself what does not fit, and says why: no need to look first. But it knows groups by their names only.
        if (request.Layout.Type is not (LayoutType.Raid1 or LayoutType.Thin))
        {
            return request.GroupUuid is { } uuid
                && await tools.WhyAnotherAsync(request.Group, uuid, cancellationToken).ConfigureAwait(false) is { } other
                    ? other
                    : await RunAsync(request, Creation(request), cancellationToken).ConfigureAwait(false);
        }

        var read = await tools.GroupAsync(request.Group, cancellationToken).ConfigureAwait(false);
        if (!read.TryGetValue(out var before))
        {
            return read.As<NodeStorageAnswer>();
        }

        if (LvmTools.WhyAnother<NodeStorageAnswer>(before, request.GroupUuid) is { } another)
        {
            return another;
        }

        if (before.Group.Volume(request.Name) is not null)
        {
            return Failed(OutcomeKind.AlreadyExists, $"A volume called {request.Name} already exists in {request.Group}.");
        }

        if (!before.Group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {request.Group} while a disk of it is missing.");
        }

        return request.Layout.Type == LayoutType.Raid1
            ? await CreateMirroredAsync(request, before.Group, cancellationToken).ConfigureAwait(false)
            : await CreateThinAsync(request, before, cancellationToken).ConfigureAwait(false);
    }

    internal static Outcome<NodeStorageAnswer> TooManyExtents(LogicalVolumeName name, ExtentCount extents) =>
        Failed(
            OutcomeKind.NoSpace,
            $"The volume {name} would have {extents}; no volume group of LVM has more than {VolumeGroup.ExtentsMax}.");

    // Each image is to lie whole on one disk, so that the loss of one disk is the loss of one image; LVM would spread it over several.
    private Task<Outcome<NodeStorageAnswer>> CreateMirroredAsync(
        NodeStorageRequest.CreateLogicalVolume request, VolumeGroup group, CancellationToken cancellationToken)
    {
        var disks = group.PhysicalVolumes;
        var free = disks.Select(disk => disk.FreeExtents.Value).ToArray();
        var chosen = new List<string>();
        return LayoutAllocation.TryTake(
            request.Layout, request.Extents, group.ExtentSize, free, part => chosen.Add(disks[part.Disk].Path!.Value.Value))
            ? RunAsync(request, [.. Creation(request), .. chosen], cancellationToken)
            : Task.FromResult(Failed(
                OutcomeKind.NoSpace,
                $"No {request.Layout.Mirrors + 1} disks of the volume group {group.Name} have room for an image of {request.Extents}."));
    }

    private async Task<Outcome<NodeStorageAnswer>> CreateThinAsync(
        NodeStorageRequest.CreateLogicalVolume request, ReportedGroup before, CancellationToken cancellationToken)
    {
        var capacity = LayoutCapacity.Of(request.Layout, before.Group);
        if (request.Extents > capacity.Free)
        {
            return Failed(
                OutcomeKind.NoSpace,
                $"The thin pool of {request.Group} may promise {capacity.Free} more, too few for {request.Name} of {request.Extents}.");
        }

        if (before.Pool is { Zeroes: false })
        {
            return Failed(
                OutcomeKind.Rejected,
                $"The thin pool {request.Group}/{PoolReport.Name} does not clear what it gives away, so that earlier data could be read: "
                    + $"turn that on again with 'lvchange --zero y {request.Group}/{PoolReport.Name}'.");
        }

        // Whatever became of the pool, nobody has asked for the volume yet.
        return await _pools.EnsureAsync(before, cancellationToken).ConfigureAwait(false) is { } failure
            ? failure.Kind == OutcomeKind.InDoubt ? Failed(OutcomeKind.Unavailable, failure.Message) : failure
            : await RunAsync(request, ThinCreation(request, before.Group.ExtentSize), cancellationToken).ConfigureAwait(false);
    }

    private ImmutableArray<string> Creation(NodeStorageRequest.CreateLogicalVolume request) =>
    [
        "lvcreate", "--yes",
        .. options.Activation
            ? new[] { "--activate", "y", "--wipesignatures", "y", "--zero", "y" }
            : ["--activate", "n", "--wipesignatures", "n", "--zero", "n"],
        .. request.Layout switch
        {
            { Type: LayoutType.Striped, Stripes: var stripes } => new[] { "--stripes", Number(stripes) },
            { Type: LayoutType.Raid1, Mirrors: var mirrors } => ["--type", "raid1", "--mirrors", Number(mirrors)],
            _ => [],
        },
        "--extents", Number(request.Extents.Value),
        .. NamesOf(request),
        request.Group.Value,
    ];

    private static ImmutableArray<string> ThinCreation(NodeStorageRequest.CreateLogicalVolume request, ExtentSize extentSize) =>
    [
        "lvcreate", "--yes", "--activate", "y", "--wipesignatures", "y", "--type", "thin",
        "--virtualsize", Number(extentSize.SizeOf(request.Extents).Value) + "b",
        .. NamesOf(request),
        "--thinpool", PoolReport.Name.Value,
        request.Group.Value,
    ];

    private static IEnumerable<string> NamesOf(NodeStorageRequest.CreateLogicalVolume request) =>
        [.. request.Tags.SelectMany(tag => new[] { "--addtag", tag.Value }), "--name", request.Name.Value];

    private async Task<Outcome<NodeStorageAnswer>> RunAsync(
        NodeStorageRequest.CreateLogicalVolume request, ImmutableArray<string> arguments, CancellationToken cancellationToken)
    {
        var known = tools.DisksOf(request.Group);
        var (command, result) = await tools.ChangeAsync(request.Group, cancellationToken, arguments).ConfigureAwait(false);
        if (!result.Succeeded && LvmFailure.KindOf(result) is OutcomeKind.Rejected or OutcomeKind.Unavailable && !known.IsEmpty)
        {
            // Somebody may have given the group another disk meanwhile, or a disk may have another name.
            await tools.GroupsAsync(cancellationToken).ConfigureAwait(false);
            if (!tools.DisksOf(request.Group).SequenceEqual(known)
                && (request.GroupUuid is not { } uuid || tools.IsRemembered(request.Group, uuid)))
            {
                (command, result) = await tools.ChangeAsync(request.Group, cancellationToken, arguments).ConfigureAwait(false);
            }
        }

        return result.Succeeded
            ? await (request.Layout.Type is LayoutType.Linear or LayoutType.Striped
                ? tools.AnswerMadeAsync(request, cancellationToken)
                : tools.AnswerAsync(request.Group, request.Name, cancellationToken, request.GroupUuid)).ConfigureAwait(false)
            : await LeftNothingAsync(
                request, LvmFailure.Of<NodeStorageAnswer>(command, result), result.End == CommandEnd.Exited, cancellationToken)
                .ConfigureAwait(false);
    }

    // A command may fail after it has committed: what it left decides. One that was killed may still be at it.
    private async Task<Outcome<NodeStorageAnswer>> LeftNothingAsync(
        NodeStorageRequest.CreateLogicalVolume request,
        Outcome<NodeStorageAnswer> failure,
        bool ended,
        CancellationToken cancellationToken)
    {
        if (failure.Kind == OutcomeKind.AlreadyExists || (failure.Kind == OutcomeKind.InDoubt && !ended))
        {
            return failure;
        }

        var after = await tools.GroupAsync(request.Group, cancellationToken).ConfigureAwait(false);
        if (failure.Kind == OutcomeKind.InDoubt)
        {
            // As with a disk that gives I/O errors: LVM has given up, and the volume is in no metadata that could come back. Another group
            // that has the name by now says nothing of that.
            return after.TryGetValue(out var whole) && whole.Group.IsComplete && whole.Group.Volume(request.Name) is null
                && LvmTools.WhyAnother<NodeStorageAnswer>(whole, request.GroupUuid) is null
                ? Failed(OutcomeKind.Unavailable, failure.Message)
                : failure;
        }

        if (failure.Kind is OutcomeKind.Rejected or OutcomeKind.NoSpace && after.TryGetValue(out var same)
            && same.Group.Volume(request.Name) is not null && request.Layout.Type is LayoutType.Linear or LayoutType.Striped)
        {
            // LVM may look at the group and its space first, and at the name only then; with a clear no it has made nothing.
            return Failed(OutcomeKind.AlreadyExists, $"A volume called {request.Name} already exists in {request.Group}.");
        }

        var leftNothing = after.TryGetValue(out var group)
            ? group.Group.Volume(request.Name) is null
            : failure.Kind == OutcomeKind.Unavailable;
        return leftNothing
            ? failure
            : Failed(OutcomeKind.InDoubt, $"{failure.Message} It may have left the volume {request.Name} behind.");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
