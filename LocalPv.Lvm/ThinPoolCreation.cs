using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>Makes the thin pool of a volume group, of all that is free in it; takes up what a crash left half-made.</summary>
internal sealed class ThinPoolCreation(LvmTools tools)
{
    /// <summary>Null when the pool is there; otherwise why it could not be made.</summary>
    internal async Task<Outcome<NodeStorageAnswer>?> EnsureAsync(ReportedGroup before, CancellationToken cancellationToken)
    {
        if (before.Pool is { IsMade: true })
        {
            return null;
        }

        var name = before.Group.Name;
        var size = before.Pool?.Plan ?? ThinPoolSize.In(before.Group.FreeExtents, before.Group.ExtentSize);
        if (before.Pool is not { HasMetadata: true })
        {
            var failure = await MakePartAsync(name, PoolReport.MetadataName, size.Metadata, cancellationToken).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure;
            }
        }

        if (before.Pool is not { HasData: true })
        {
            var failure = await MakePartAsync(name, PoolReport.Name, size.Data, cancellationToken).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure;
            }
        }

        return await RunAsync(name, [
            "lvconvert", "--yes", "--type", "thin-pool", "--zero", "y",
            "--chunksize", Number(size.Chunk.Value) + "b",
            "--poolmetadata", PoolReport.MetadataName.Value, $"{name}/{PoolReport.Name}",
        ], cancellationToken).ConfigureAwait(false);
    }

    private Task<Outcome<NodeStorageAnswer>?> MakePartAsync(
        VolumeGroupName group, LogicalVolumeName part, ExtentCount extents, CancellationToken cancellationToken) =>
        RunAsync(group, [
            "lvcreate", "--yes", "--activate", "y", "--wipesignatures", "y", "--zero", "y", "--extents", Number(extents.Value),
            "--addtag", WellKnown.OurTag, "--name", part.Value, group.Value,
        ], cancellationToken);

    private async Task<Outcome<NodeStorageAnswer>?> RunAsync(
        VolumeGroupName group, ImmutableArray<string> arguments, CancellationToken cancellationToken)
    {
        var (command, result) = await tools.ChangeAsync(group, cancellationToken, arguments).ConfigureAwait(false);
        return result.Succeeded ? null : LvmFailure.Of<NodeStorageAnswer>(command, result);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
