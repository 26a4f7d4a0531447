using System.Numerics;
using LocalPv.Core.Capacity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Placement;

/// <summary>
/// Puts verdicts into words. kube-scheduler counts equal reasons and writes all different ones into the Pod's status, so beyond some
/// nodes the numbers are rounded: "less than 8Gi" for thousands of nodes rather than thousands of numbers.
/// </summary>
public static class VerdictText
{
    /// <summary>
    /// With up to so many rejected nodes each gets its exact numbers: 32 reasons of about 100 bytes are what a person still reads.
    /// </summary>
    public const int ExactMax = 32;

    /// <summary>The reason for one rejected node; <paramref name="claims"/> is the list that was asked about.</summary>
    public static string Of(NodeVerdict verdict, ReadOnlySpan<ClaimDemand> claims, string node, bool exact)
    {
        var claim = claims[verdict.Claim];
        return PlainText.Of(verdict.Kind switch
        {
            VerdictKind.NoStorage => $"class {claim.Class} has no storage on this node",
            VerdictKind.Closed => $"class {claim.Class} takes no volumes on this node: {verdict.Report!.Closed}",
            VerdictKind.NoSpace => NoSpace(verdict, claim, claims.Length, exact),
            VerdictKind.TooFewDisks => TooFewDisks(verdict.Report!, claim),
            VerdictKind.Impossible => $"claim {claim.Key} cannot be served: {claim.Impossible}",
            VerdictKind.KeptAway => KeptAway(claim, node, exact),
            _ => "",
        });
    }

    /// <summary>Whether two verdicts on the same claims have the same rounded reason; may say no for some that do.</summary>
    public static bool SameWhenRounded(in NodeVerdict a, in NodeVerdict b)
    {
        if (a.Kind != b.Kind || a.Claim != b.Claim)
        {
            return false;
        }

        return a.Kind switch
        {
            VerdictKind.NoStorage or VerdictKind.Impossible => true,
            VerdictKind.Closed => a.Report!.Closed == b.Report!.Closed,
            VerdictKind.TooFewDisks => a.Report!.Layout == b.Report!.Layout && a.Report.Group == b.Report.Group,
            VerdictKind.NoSpace => a.Needed == b.Needed && a.Report!.ExtentSize == b.Report!.ExtentSize && Bucket(a) == Bucket(b),
            _ => false,
        };
    }

    private static string TooFewDisks(VolumeGroupReport report, ClaimDemand claim)
    {
        var layout = report.Layout;
        var disks = layout.Type switch
        {
            LayoutType.Striped => $"{layout.Stripes} disks with equal room at a time",
            LayoutType.Raid1 => $"{layout.Mirrors + 1} disks with room for the whole volume",
            _ => "disks that volumes of other layouts leave",
        };
        return $"not enough space: class {claim.Class} needs {disks} in volume group {report.Group}";
    }

    private static string NoSpace(NodeVerdict verdict, ClaimDemand claim, int claims, bool exact)
    {
        var needed = Text(verdict.Needed, verdict.Report!.ExtentSize);
        var who = claims == 1 ? $"{needed} needed for class {claim.Class}" : $"{needed} needed for {claims} claims";
        if (exact)
        {
            var available = Text(Math.Max(verdict.Available, 0), verdict.Report.ExtentSize);
            return $"not enough space: {who}, {available} available in volume group {verdict.Report.Group}";
        }

        var bound = Bucket(verdict);
        return bound == 0 ? $"not enough space: {who}, none available"
            : bound > 62 ? $"not enough space: {who}"
            : $"not enough space: {who}, less than {new Bytes(1L << bound)} available";
    }

    private static string KeptAway(ClaimDemand claim, string node, bool exact)
    {
        foreach (var entry in claim.KeptAway)
        {
            if (entry.Node.Value == node)
            {
                var reason = $"claim {claim.Key} failed on this node ({entry.Reason})";
                return exact ? $"{reason} and is kept away until {entry.Until.ToRfc3339()}" : $"{reason} and is kept away for a while";
            }
        }

        return $"claim {claim.Key} was just taken back from this node";
    }

    // The power of two below which the available bytes lie; 0 where there are none.
    private static int Bucket(in NodeVerdict verdict) =>
        verdict.Available <= 0 ? 0 : BitOperations.Log2((ulong)AvailableBytes(verdict)) + 1;

    private static long AvailableBytes(NodeVerdict verdict) =>
        (long)Int128.Min((Int128)verdict.Available * verdict.Report!.ExtentSize.Size.Value, long.MaxValue);

    private static string Text(long extents, ExtentSize extentSize) =>
        new Bytes((long)Int128.Min((Int128)extents * extentSize.Size.Value, long.MaxValue)).ToString();
}
