using LocalPv.Core.Kubernetes;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>S02: which promises are judged. What the extender could not know when it answered is none of its promises.</summary>
public sealed class PromiseRuleTests
{
    [Theory]
    [InlineData(true, "S02")]
    [InlineData(false, null)]
    public void Promise_OfAReportThatTheExtenderDoesNotHear_IsNotJudged(bool heard, string? id)
    {
        var bench = new HistoryBench(view => new S02PromisesAreKept(view)).WithGroups();
        bench.Hear(bench.StorageObject("node-1"));
        var report = bench.Report("node-1", 1);
        if (heard)
        {
            bench.Hear(report);
        }

        bench.Pass(TimeSpan.FromMinutes(20));
        bench.SendTwo("6Gi");
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }

    /// <summary>What is heard between the answer and the scheduler's choice came too late for the answer.</summary>
    [Theory]
    [InlineData(true, "S02")]
    [InlineData(false, null)]
    public void Promise_ToAnotherThatIsHeardAfterTheAnswer_IsNotJudged(bool inTime, string? id)
    {
        var (bench, claim) = Asking();
        var other = bench.Select(bench.Claim("a", "6Gi"), "node-1");
        bench.Pass(TimeSpan.FromMinutes(1));
        var pod = bench.PodOf("b");
        if (inTime)
        {
            bench.Hear(other);
        }

        bench.Filter(pod, ["node-1"], ("node-2", "no"));
        bench.Hear(other);
        bench.Select(claim, "node-1");
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }

    /// <summary>A choice that is written late may follow from an answer before the last one; that offer has ended.</summary>
    [Theory]
    [InlineData(true, "S02")]
    [InlineData(false, null)]
    public void Promise_ByAnAnswerBeforeTheLast_IsNotJudged(bool givenAgain, string? id)
    {
        var (bench, claim) = Asking();
        var pod = bench.PodOf("b");
        bench.Filter(pod, ["node-1"], ("node-2", "no"));
        bench.Hear(bench.Select(bench.Claim("a", "6Gi"), "node-1"));
        bench.Filter(pod, givenAgain ? ["node-1"] : ["node-2"], (givenAgain ? "node-2" : "node-1", "no"));
        bench.Select(claim, "node-1");
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }

    // An extender that has known all for long, and a claim that it has heard of.
    private static (HistoryBench Bench, PersistentVolumeClaim Claim) Asking()
    {
        var bench = new HistoryBench(view => new S02PromisesAreKept(view)).WithGroups();
        bench.Hear(bench.StorageObject("node-1"));
        bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
        bench.Pass(TimeSpan.FromMinutes(20));
        var claim = bench.Claim("b", "6Gi");
        bench.Hear(claim);
        return (bench, claim);
    }
}
