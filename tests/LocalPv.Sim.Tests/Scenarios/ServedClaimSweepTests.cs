using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.Tests.Scenarios;

/// <summary>Things that somebody does while a claim is on its way: at every moment of it, in a whole cluster.</summary>
public sealed class ServedClaimSweepTests
{
    private const string Driver =
        """{"apiVersion":"storage.k8s.io/v1","kind":"CSIDriver","metadata":{"name":"local-volume-provisioner"},"spec":"""
        + """{"attachRequired":false,"storageCapacity":true}}""";

    // From the Pod to its volume it takes about a second and a half; the steps are closer together where more happens.
    private static IEnumerable<int> Moments => Enumerable.Range(0, 30).Select(step => step * 16).Concat([600, 1000, 1600, 2500]);

    [Fact]
    public void Claim_DeletedAtAnyMomentOfItsWay_LeavesNothing() => At(ms => $"""
        cluster nodes=1 disks=1 disk-size=10Gi
        at 0s class fast
        at 10s pod web claims=data:4Gi:fast
        at {10_000 + ms}ms delete pod web
        at {10_001 + ms}ms delete claim data
        at 4m pod next claims=next:8Gi:fast
        by 4m gone claim data
        by 4m volumes on node-1 0
        by 5m pod next Running
        """);

    [Fact]
    public void Class_DeletedAndMadeAgainAtAnyMoment_ServesItsClaimsInTheEnd() => At(ms => $"""
        cluster nodes=1 disks=1 disk-size=10Gi
        at 0s class fast
        at 10s pod web claims=data:4Gi:fast
        at {10_000 + ms}ms delete class fast
        at {10_400 + ms}ms class fast
        by 7m pod web Running
        by 7m volumes on node-1 1
        by 7m storage fast.node-1 Ready
        """);

    [Fact]
    public void Agents_OverlappingFromAnyMoment_MakeEachVolumeOnce() => At(ms => $"""
        cluster nodes=1 disks=1 disk-size=20Gi
        at 0s class fast
        at 10s statefulset db replicas=2 claims=data:4Gi:fast
        at {10_000 + ms}ms for 30s fault twin agent/node-1
        at 25s resize data-db-0 5Gi
        at 50s delete statefulset db
        by 45s all bound
        by 45s volumes on node-1 2
        by 2m capacity data-db-0 4Gi
        """);

    [Theory]
    [InlineData("")]
    [InlineData("knob extenders 0")]
    [InlineData("knob extenders 2")]
    public void Space_ThatComesFree_IsOfferedToAWaitingPodWithinTwoSeconds(string knob)
    {
        var driver = knob == "knob extenders 0" ? "at 0s create " + Driver : "";
        var scenario = ScenarioReader.Read($"""
            {knob}
            cluster nodes=2 disks=1 disk-size=10Gi
            {driver}
            at 0s class fast
            at 30s pod a claims=a:6Gi:fast
            at 40s pod b claims=b:6Gi:fast
            at 60s pod late claims=late:6Gi:fast
            by 90s claim late Pending
            at 90s delete pod a
            at 90s delete claim a
            by 3m pod late Running
            """);
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var result = ScenarioRunner.Run(scenario, seed);
            Assert.True(result.IsGood, $"{knob}, seed {seed}: {result.Violation}{Untrue(result)}");
            var freed = result.Milestones.Last(happened => happened.Subject.StartsWith("PersistentVolume ", StringComparison.Ordinal)
                && happened.What == "is gone").At;
            var chosen = result.Milestones.Last(happened => happened.Subject == "PersistentVolumeClaim late"
                && happened.What.StartsWith("selected-node: ", StringComparison.Ordinal)).At;
            var waited = chosen - freed;
            Assert.True(waited < TimeSpan.FromSeconds(2), $"{knob}, seed {seed}: woken {waited} after the space came free.");
        }
    }

    private static void At(Func<int, string> text)
    {
        foreach (var moment in Moments)
        {
            var result = ScenarioRunner.Run(ScenarioReader.Read(text(moment)), (ulong)moment + 1);
            Assert.True(result.IsGood, $"at {moment} ms: {result.Violation}{Untrue(result)}");
        }
    }

    private static string Untrue(ScenarioResult result) => string.Concat(
        result.Expectations.Where(expectation => expectation.TrueSince is null)
            .Select(expectation => $"\n  {expectation.Expectation.Text}: {expectation.Instead}"));
}
