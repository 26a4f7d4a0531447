using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>S17: what a report says of a volume is what a scan saw of it.</summary>
public sealed class ReportRuleTests
{
    [Theory]
    [InlineData("pvc-{0}", "1Gi", null)]
    [InlineData("pvc-{0}", "2Gi", "S17")]
    [InlineData("other", "1Gi", "S17")]
    public void Report_OfAVolumeThatIsThere_MustNameItAndItsSize(string name, string size, string? id)
    {
        const string Agent = HistoryBench.Agent;
        var bench = new HistoryBench(_ => new S17ReportsAreTrue()).WithGroups();
        var claim = bench.Claim("a", "1Gi");
        bench.Change(Agent, HistoryBench.Making(claim.Uid));
        bench.Change(Agent, new NodeStorageRequest.Scan());
        var report = bench.Report("node-1", 1);
        bench.Status(report, Agent, JsonMap.Of(
            ("scanSequence", 2),
            ("volumes", JsonList.Of(JsonMap.Of(
                ("claimUid", claim.Uid),
                ("name", string.Format(System.Globalization.CultureInfo.InvariantCulture, name, claim.Uid)),
                ("size", size))))));
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }
}
