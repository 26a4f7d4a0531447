using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Sim.Checking.Liveness;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>L02: what may still be written when all is done, and what is too much.</summary>
public sealed class SilenceRuleTests
{
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(16);

    [Theory]
    [InlineData(30, false)]
    [InlineData(40, true)]
    public void Events_AboutOneObject_AreBounded(int count, bool isLoud)
    {
        var bench = new HistoryBench(_ => new L02ThenThereIsSilence());
        bench.HealAndPass(Settled);
        for (var number = 0; number < count; number++)
        {
            Tell(bench, "the-claim", number);
            Tell(bench, "claim-" + number, number);
        }

        Assert.Equal(isLoud, bench.Suite.Pending().Any());
    }

    /// <summary>Once by what it gives back, and once when its node may be tried again.</summary>
    [Theory]
    [InlineData(10, false)]
    [InlineData(18, true)]
    public void WakeUps_OfClaimsThatWereGivenBackBefore_AreAllowed(int count, bool isLoud)
    {
        var bench = new HistoryBench(_ => new L02ThenThereIsSilence());
        bench.HealAndPass(TimeSpan.FromMinutes(12));
        for (var number = 0; number < 5; number++)
        {
            GiveBack(bench, bench.Select(bench.Claim("claim-" + number), "node-1"));
        }

        bench.Pass(Settled - TimeSpan.FromMinutes(12));
        for (var number = 0; number < count; number++)
        {
            Wake(bench, number);
        }

        Assert.Equal(isLoud, bench.Suite.Pending().Any());
    }

    private static void Tell(HistoryBench bench, string about, int number) => bench.Api(HistoryBench.Agent, new ClusterRequest.Create(
        ResourceTypes.Events, "default", JsonMap.Of(
            ("metadata", JsonMap.Of(("name", $"{about}.{number}"), ("namespace", "default"))),
            ("involvedObject", JsonMap.Of(
                ("kind", "PersistentVolumeClaim"), ("namespace", "default"), ("name", about), ("uid", about))))));

    private static void GiveBack(HistoryBench bench, PersistentVolumeClaim claim) => bench.Api(
        HistoryBench.Agent, new ClusterRequest.Patch(claim.Type, claim.Key, JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(
            (WellKnown.SelectedNodeAnnotation, JsonNull.Instance),
            (WellKnown.FailedOnAnnotation, "{}"))))))));

    private static void Wake(HistoryBench bench, int number)
    {
        var key = new ObjectKey("localpv-system", "fast.node-1");
        bench.Api("extender", number == 0
            ? new ClusterRequest.Create(ResourceTypes.CsiStorageCapacities, key.Namespace, JsonMap.Of(
                ("metadata", JsonMap.Of(("name", key.Name), ("namespace", key.Namespace))),
                ("storageClassName", "fast"),
                ("capacity", "1Gi")))
            : new ClusterRequest.Patch(ResourceTypes.CsiStorageCapacities, key, JsonMap.Of(("metadata", JsonMap.Of(
                ("annotations", JsonMap.Of(("localpv.io/woken", $"at {number}"))))))));
    }
}
