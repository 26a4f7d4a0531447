using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using static LocalPv.Core.Tests.Capacity.LedgerFacts;

namespace LocalPv.Core.Tests.Capacity;

public sealed class CapacityLedgerProperties
{
    private const int NodeCount = 3;

    /// <summary>
    /// A volume group that really is there, an agent that makes volumes for the claims promised, and a wire to the ledger that loses,
    /// repeats and swaps reports: what the ledger calls available never exceeds what is free and unpromised in truth.
    /// </summary>
    [Fact]
    public void Available_ReportsLateLostRepeatedReordered_NeverExceedsTheTruth() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), RunTruth));

    /// <summary>The same facts give the same sums in whatever order the objects are heard of, and however often.</summary>
    [Fact]
    public void Available_SameFactsInAnyOrderAndNumber_IsTheSame() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var reports = RandomReports(random);
            var claims = RandomClaims(random);
            var once = Tell(reports.Cast<object>().Concat(claims));
            var twice = Tell(reports.Cast<object>().Concat(claims).Concat(reports).Concat(claims).Shuffled(random));
            var expected = Enumerable.Range(1, NodeCount).SelectMany(node => new[] { Sum(node, Fast), Sum(node, Slow) }).ToArray();
            Assert.Equal(expected, All(once));
            Assert.Equal(expected, All(twice));

            // The definition, written out naively.
            long? Sum(int node, StorageClassName name)
            {
                var own = reports.SingleOrDefault(report => report.Node == Node(node) && report.Class == name);
                if (own is null)
                {
                    return null;
                }

                var group = reports.Where(report => report.Node == Node(node) && report.Group == own.Group).ToArray();
                var promised = claims
                    .Where(claim => claim.SelectedNode == Node(node) && group.Any(report => report.Class == claim.Class)).ToArray();
                return group.Min(report => report.Free.Value
                        - promised.Where(claim => !report.Holds(claim.Uid)).Sum(claim => Extent.ExtentsToHold(claim.Size).Value))
                    - group.Max(report => report.Reserve.Value);
            }
        }));

    /// <summary>Whatever happened: when all claims are gone, the time has come and all nodes report, nothing is taken any more.</summary>
    [Fact]
    public void Everything_Gone_LeavesNothingBehind() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var ledger = Tell(RandomReports(random));
            for (var i = 0; i < 60; i++)
            {
                Disturb(ledger, random, At(i));
            }

            foreach (var claim in Enumerable.Range(0, 8))
            {
                ledger.RemoveClaim(At(60), Uid(claim));
            }

            ledger.Expire(At(200));
            foreach (var report in Enumerable.Range(1, NodeCount)
                .SelectMany(node => new[] { Fast, Slow }.Select(name => ledger.ReportOf(name, Node(node)))).OfType<VolumeGroupReport>())
            {
                ledger.SetReport(report with { ScanSequence = report.ScanSequence + 1 });
            }

            Assert.Equal(0, ledger.ClaimCount);
            Assert.Equal(0, ledger.OfferCount);
            Assert.Equal(Units.Instant.Never, ledger.Deadline);
            for (var node = 1; node <= NodeCount; node++)
            {
                foreach (var report in new[] { Fast, Slow }.Select(name => ReportOn(ledger, name, node)).OfType<VolumeGroupReport>())
                {
                    var shared = new[] { Fast, Slow }.Select(name => ReportOn(ledger, name, node))
                        .Where(other => other?.Group == report.Group).ToArray();
                    Assert.Equal(
                        shared.Min(other => other!.Free.Value) - shared.Max(other => other!.Reserve.Value),
                        ledger.Available(node, report.Class));
                }
            }
        }));

    private static void RunTruth(int seed)
    {
        var random = new Random(seed);
        var ledger = new CapacityLedger(new CapacityLedgerOptions());
        var volumes = new SortedSet<int>();
        var promised = new SortedDictionary<int, long>();
        var sizes = Enumerable.Range(0, 12).Select(_ => (long)random.Next(1, 30)).ToArray();
        var wire = new List<VolumeGroupReport>();
        var scan = 0L;
        const long Total = 400;
        long Free() => Total - volumes.Sum(volume => sizes[volume]);
        for (var step = 0; step < 200; step++)
        {
            var claim = random.Next(sizes.Length);
            wire.RemoveAll(sent => sent.ScannedAt!.Value + TimeSpan.FromSeconds(50) < At(step));
            ledger.Expire(At(step));
            switch (random.Next(6))
            {
                case 0 when !volumes.Contains(claim) && !promised.ContainsKey(claim):
                    promised[claim] = sizes[claim];
                    ledger.SetClaim(At(step), Claim(claim, sizes[claim], node: 1));
                    break;
                case 1 when promised.ContainsKey(claim) && !volumes.Contains(claim) && random.Next(4) == 0:
                    promised.Remove(claim);
                    ledger.SetClaim(At(step), Claim(claim, sizes[claim]));
                    break;
                case 2 when promised.ContainsKey(claim) && Free() >= sizes[claim]:
                    volumes.Add(claim);
                    break;
                case 3 when volumes.Contains(claim) && random.Next(3) == 0:
                    ledger.SetClaim(At(step), Claim(claim, sizes[claim], node: 1, bound: true));
                    break;
                case 4:
                    wire.Add(Report(1, Free(), ++scan, volumes: [.. volumes]) with { ScannedAt = At(step) });
                    break;
                default:
                    if (wire.Count > 0)
                    {
                        var index = random.Next(wire.Count);
                        ledger.SetReport(wire[index]);
                        if (random.Next(2) == 0)
                        {
                            wire.RemoveAt(index);
                        }
                    }

                    break;
            }

            var truth = Free() - promised.Where(entry => !volumes.Contains(entry.Key)).Sum(entry => entry.Value);
            Assert.True((ledger.Available(1) ?? long.MinValue) <= truth, $"step {step}: {ledger.Available(1)} available, {truth} in truth");
        }

        // And once the newest report arrives, nothing is held back without reason.
        ledger.SetReport(Report(1, Free(), ++scan, volumes: [.. volumes]));
        Assert.Equal(Free() - promised.Where(entry => !volumes.Contains(entry.Key)).Sum(entry => entry.Value), ledger.Available(1));
    }

    private static void Disturb(CapacityLedger ledger, Random random, Units.Instant now)
    {
        var claim = random.Next(8);
        switch (random.Next(6))
        {
            case 0:
                int? node = random.Next(2) == 0 ? random.Next(1, NodeCount + 1) : null;
                ledger.SetClaim(now, Claim(claim, claim + 1, node, claim % 2 == 0 ? Fast : Slow));
                break;
            case 1:
                ledger.RemoveClaim(now, Uid(claim));
                break;
            case 2 or 3 when ledger.Find(Uid(claim)) is { } known:
                var nodes = Enumerable.Range(1, NodeCount)
                    .Where(other => random.Next(2) == 0 && ledger.Nodes.Find(Node(other)) >= 0).ToArray();
                ledger.Offer(now, "pod-" + random.Next(3), known, ledger.Nodes(nodes));
                break;
            case 4:
                foreach (var report in RandomReports(random))
                {
                    ledger.SetReport(report with { ScanSequence = random.Next(1, 10) });
                }

                break;
            default:
                ledger.Expire(now);
                break;
        }
    }

    private static VolumeGroupReport[] RandomReports(Random random) =>
    [
        .. from node in Enumerable.Range(1, NodeCount)
           from name in new[] { Fast, Slow }
           where random.Next(4) > 0
           select Report(
               node, random.Next(50, 200), random.Next(1, 4), name, random.Next(2) == 0 ? "vg" : "other", random.Next(20),
               [.. Enumerable.Range(0, 10).Where(_ => random.Next(4) == 0)]),
    ];

    private static ClaimDemand[] RandomClaims(Random random) =>
    [
        .. from claim in Enumerable.Range(0, 10)
           where random.Next(4) > 0
           select Claim(
               claim, random.Next(1, 40), random.Next(3) > 0 ? random.Next(1, NodeCount + 1) : null, random.Next(2) == 0 ? Fast : Slow),
    ];

    private static CapacityLedger Tell(IEnumerable<object> facts)
    {
        var ledger = new CapacityLedger(new CapacityLedgerOptions());
        foreach (var fact in facts)
        {
            if (fact is VolumeGroupReport report)
            {
                ledger.SetReport(report);
            }
            else
            {
                ledger.SetClaim(At(0), (ClaimDemand)fact);
            }
        }

        return ledger;
    }

    private static long?[] All(CapacityLedger ledger) =>
        [.. Enumerable.Range(1, NodeCount).SelectMany(node => new[] { ledger.Available(node, Fast), ledger.Available(node, Slow) })];

    private static VolumeGroupReport? ReportOn(CapacityLedger ledger, StorageClassName name, int node) =>
        ledger.Available(node, name) is null ? null : ledger.ReportOf(name, Node(node));
}
