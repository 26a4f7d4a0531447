using System.Globalization;
using BenchmarkDotNet.Attributes;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Benchmarks.Capacity;

/// <summary>What a change of one object costs the ledger of 5,000 nodes with ten promises each. The baseline is one look-up.</summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class LedgerBenchmarks
{
    private const int NodeCount = 5000;
    private const int PromisesPerNode = 10;

    private static readonly StorageClassName Fast = StorageClassName.Parse("fast");
    private static readonly NodeName Busy = Node(4321);

    private readonly CapacityLedger _ledger = new(new CapacityLedgerOptions());
    private readonly NodeSet _all = new();
    private readonly NodeSet _fewer = new();
    private readonly NodeSet _nodes = new();
    private LedgerClaim _offered = null!;
    private long _scan = 1;
    private bool _odd;

    /// <summary>Makes the ledger.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (var node = 0; node < NodeCount; node++)
        {
            _ledger.SetReport(Report(Node(node), 1));
            for (var claim = 0; claim < PromisesPerNode; claim++)
            {
                _ledger.SetClaim(Instant.Epoch, Claim((node * PromisesPerNode) + claim, Node(node)));
            }

            _all.Add(node);
            if (node % 2 == 0)
            {
                _fewer.Add(node);
            }
        }

        _ledger.SetClaim(Instant.Epoch, Claim(1_000_000, null));
        _offered = _ledger.Find(Claim(1_000_000, null).Uid)!;
    }

    /// <summary>The baseline.</summary>
    [Benchmark(Baseline = true)]
    public long? Available() => _ledger.Available(Fast, Busy);

    /// <summary>A new report of one node.</summary>
    [Benchmark]
    public bool SetReport() => _ledger.SetReport(Report(Busy, ++_scan));

    /// <summary>A claim gets a node, or loses it.</summary>
    [Benchmark]
    public void SetClaim() => _ledger.SetClaim(Instant.Epoch, Claim(2_000_000, (_odd = !_odd) ? Busy : null));

    /// <summary>An offer of a claim to 5,000 nodes or to half of them: each time half of them change.</summary>
    [Benchmark]
    public void OfferToThousands()
    {
        _nodes.CopyFrom((_odd = !_odd) ? _all : _fewer);
        _ledger.Offer(Instant.Epoch, "pod", _offered, _nodes);
    }

    private static NodeName Node(int number) =>
        NodeName.Parse(string.Create(CultureInfo.InvariantCulture, $"worker-{number:00000}.example.com"));

    private static ClaimDemand Claim(int number, NodeName? node) => new(
        ClaimUid.Parse("c" + number.ToString(CultureInfo.InvariantCulture)), new ClaimKey("default", "c"), Fast, Bytes.FromGibibytes(1))
    {
        SelectedNode = node,
    };

    private static VolumeGroupReport Report(NodeName node, long scan) => new()
    {
        Class = Fast,
        Node = node,
        ObjectUid = "nls",
        ScanSequence = scan,
        Group = VolumeGroupName.Parse("fast"),
        Capacity = new ExtentCount(100_000),
        Free = new ExtentCount(90_000),
    };
}
