using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Capacity;

/// <summary>Short ways to say what a ledger is told. One extent is one MiB here.</summary>
internal static class LedgerFacts
{
    public static readonly ExtentSize Extent = ExtentSize.From(Bytes.FromMebibytes(1));
    public static readonly StorageClassName Fast = StorageClassName.Parse("fast");
    public static readonly StorageClassName Slow = StorageClassName.Parse("slow");

    public static Instant At(double seconds) => Instant.Epoch + TimeSpan.FromSeconds(seconds);

    public static NodeName Node(int number) => NodeName.Parse("node-" + number);

    public static ClaimUid Uid(int number) => ClaimUid.Parse($"c-{number:000}");

    public static VolumeGroupReport Report(
        int node,
        long free,
        long scan = 1,
        StorageClassName? storageClass = null,
        string group = "vg",
        long reserve = 0,
        params int[] volumes) => new()
        {
            Class = storageClass ?? Fast,
            Node = Node(node),
            ObjectUid = "nls",
            ScanSequence = scan,
            Group = VolumeGroupName.Parse(group),
            ExtentSize = Extent,
            Capacity = new ExtentCount(1000),
            Free = new ExtentCount(free),
            Reserve = new ExtentCount(reserve),
            Volumes = [.. volumes.Select(Uid).Order()],
        };

    public static ClaimDemand Claim(
        int number, long extents, int? node = null, StorageClassName? storageClass = null, bool bound = false) =>
        new(Uid(number), new ClaimKey("default", "claim-" + number), storageClass ?? Fast, Bytes.FromMebibytes(extents))
        {
            SelectedNode = node is { } selected ? Node(selected) : null,
            Bound = bound,
        };

    public static NodeSet Nodes(this CapacityLedger ledger, params int[] nodes)
    {
        var set = new NodeSet();
        foreach (var node in nodes)
        {
            set.Add(ledger.Nodes.Find(Node(node)));
        }

        return set;
    }

    public static long? Available(this CapacityLedger ledger, int node, StorageClassName? storageClass = null) =>
        ledger.Available(storageClass ?? Fast, Node(node));

    public static ImmutableArray<T> Shuffled<T>(this IEnumerable<T> items, Random random)
    {
        var array = items.ToArray();
        random.Shuffle(array);
        return [.. array];
    }
}
