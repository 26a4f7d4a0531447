using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Checking.Liveness;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>Each liveness invariant speaks where what must come has not come in time, and is silent where it has.</summary>
public sealed class LivenessRuleTests
{
    private const string Agent = HistoryBench.Agent;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(40);

    public static TheoryData<string> Ids => new(Histories.Keys.Order(StringComparer.Ordinal));

    private static readonly Dictionary<string, (Func<ExtenderView, Rule> Make, Action<HistoryBench, bool> Write)> Histories = new()
    {
        ["L01"] = (view => new L01PodsThatFitRun(view), (bench, bad) => WaitingPod(bench, bad)),
        ["L02"] = (_ => new L02ThenThereIsSilence(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.HealAndPass(TimeSpan.FromMinutes(20));
            for (var turn = 0; turn < (bad ? 10 : 1); turn++)
            {
                claim = bench.Select(bench.Select(claim, "node-1"), null, Agent);
            }
        }
        ),
        ["L03"] = (_ => new L03DeletionsEnd(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            var volume = bench.Volume(claim);
            bench.Erase(claim);
            bench.Status(volume, "pv-controller", JsonMap.Of(("phase", bad ? "Released" : "Bound")));
        }
        ),
        ["L04"] = (_ => new L04OrphansAreReclaimed(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            if (bad)
            {
                bench.Erase(claim);
            }
        }
        ),
        ["L05"] = (view => new L05ViewsConverge(view), (bench, bad) =>
        {
            bench.WithGroups();
            bench.Hear(bench.StorageObject("node-2"));
            bench.Hear(bench.Report("node-1", 1, bad ? "3Gi" : null));
        }
        ),
        ["L06"] = (view => new L06WaitingPodsAreWoken(view), (bench, bad) => WaitingPod(bench, bad)),
        ["L07"] = (_ => new L07NobodyWaitsForTheLost(), (bench, bad) =>
        {
            bench.Select(bench.WithGroups().Claim("a"), "node-2");
            if (bad)
            {
                bench.Api("", new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped("node-2")));
            }
        }
        ),
        ["L08"] = (view => new L08CopiesRecover(view), (bench, bad) =>
        {
            bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
            var claim = bench.Claim("a");
            if (!bad)
            {
                bench.Hear(claim);
            }
        }
        ),
        ["L09"] = (_ => new L09BegunWorkEnds(), (bench, bad) =>
        {
            var claim = bench.Select(bench.WithGroups().Claim("a"), "node-1");
            if (!bad)
            {
                bench.Status(claim, "pv-controller", JsonMap.Of(("phase", "Bound")));
            }
        }
        ),
        ["L10"] = (_ => new L10SomebodyLeads(), (bench, bad) =>
        {
            var lease = bench.Api("controller", new ClusterRequest.Create(ResourceTypes.Leases, "localpv-system", JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "localpv-controller"))),
                ("spec", JsonMap.Of(("holderIdentity", "controller"), ("renewTime", bench.Now.ToRfc3339Micro()))))))!;
            bench.HealAndPass(TimeSpan.FromSeconds(90));
            if (!bad)
            {
                // What its holder's clock says is of no account.
                bench.Api("controller", new ClusterRequest.Patch(lease.Type, lease.Key, JsonMap.Empty.WithAt(
                    ["spec", "renewTime"], (bench.Now + -Long).ToRfc3339Micro())));
            }

            bench.Pass(TimeSpan.FromSeconds(45));
        }
        ),
        ["L11"] = (_ => new L11OthersAreNotDelayed(), (bench, bad) =>
        {
            var pod = bench.PodOf();
            if (!bad)
            {
                bench.Erase(pod);
            }
        }
        ),
        ["L12"] = (_ => new L12OneHangStopsNobodyElse(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid), () => { });
            bench.Status(bench.StorageObject("node-1"), Agent, JsonMap.Of(("conditions", JsonList.Of(JsonMap.Of(
                ("type", "Responsive"),
                ("status", bad ? "True" : "False"),
                ("reason", "x"),
                ("lastTransitionTime", bench.Now.ToRfc3339()))))));
        }
        ),
        ["L13"] = (_ => new L13MissingDisksAreReported(), (bench, bad) =>
        {
            bench.WithGroups().Report("node-1", 1, phase: bad ? "Ready" : "Failed");
            bench.Lvm("node-1").Disks[0].Present = false;
        }
        ),
        ["L15"] = (_ => new L15ClassesAreServed(), (bench, bad) => bench.Server.Seed(
            bench.Now, ResourceTypes.StorageClasses, JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "slow"))),
                ("provisioner", WellKnown.DefaultProvisioner),
                ("volumeBindingMode", "WaitForFirstConsumer"),
                ("parameters", JsonMap.Of((
                    WellKnown.StorageParameter,
                    $$"""{"nodes":[{"name":"{{(bad ? "node-1" : "node-3")}}","disks":["/dev/sdb"]}]}""")))))),
        ["L14"] = (_ => new L14NothingOutlivesItsNode(), (bench, bad) =>
        {
            bench.Api("", new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped("node-2")));
            if (!bad)
            {
                bench.Erase(bench.StorageObject("node-2"));
            }
        }
        ),
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void Invariant_WhatMustComeDoesNot_SpeaksAndOtherwiseNot(string id)
    {
        var (make, write) = Histories[id];
        foreach (var bad in (bool[])[false, true])
        {
            var bench = new HistoryBench(make);
            write(bench, bad);
            if (id is "L02" or "L10")
            {
                bench.Pass(Long);
            }
            else
            {
                bench.HealAndPass(Long);
            }

            Assert.Equal(bad ? id : null, bench.Suite.Breach?.Id);
        }
    }

    [Fact]
    public void Histories_ThereIsOneForEveryLivenessInvariant() => Assert.Equal(
        AllRules.Create(new ExtenderView()).Select(invariant => invariant.Id).Where(id => id[0] == 'L').Order(StringComparer.Ordinal),
        Histories.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Pending_BeforeTheTimeIsUp_SaysWhatIsMissingAndNothingIsBroken()
    {
        var bench = new HistoryBench(view => new L01PodsThatFitRun(view));
        WaitingPod(bench, fits: true);
        bench.HealAndPass(TimeSpan.FromMinutes(1));
        Assert.Null(bench.Suite.Breach);
        Assert.StartsWith("L01: Pod default/", Assert.Single(bench.Suite.Pending()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TurnedAwayPod_TheExtenderHearsOfRoom_MustBeAskedAboutAgain(bool isAsked)
    {
        var bench = new HistoryBench(view => new L06WaitingPodsAreWoken(view)).WithGroups();
        bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
        bench.Hear(bench.Claim("a", "6Gi"));
        var pod = bench.PodOf("a");
        bench.Hear(bench.Report("node-1", 1, free: "1Gi"));
        bench.Pass(TimeSpan.FromMinutes(2));
        bench.HealAndPass(TimeSpan.FromSeconds(1));
        bench.Filter(pod, [], ("node-1", "1Gi left"), ("node-2", "no group"));
        Assert.Empty(bench.Suite.Pending());
        bench.Hear(bench.Report("node-1", 2));
        var missing = new List<string>();
        for (var half = 0; half < 8; half++)
        {
            missing.AddRange(bench.Suite.Pending());
            bench.Pass(TimeSpan.FromSeconds(30));
            if (isAsked && half == 1)
            {
                bench.Filter(pod, ["node-1"]);
                bench.Hear(bench.Select((PersistentVolumeClaim)bench.Current(bench.Server.Find(
                    ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", "a"))!), "node-1"));
            }
        }

        Assert.Equal(isAsked, missing.Count == 0);
        Assert.All(missing, what => Assert.Contains("nobody asks it", what, StringComparison.Ordinal));
    }

    /// <summary>A scheduler that looks at some of the nodes at a time has to find the one with room by itself.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public void TurnedAwayPod_TheSchedulerDoesNotAskAboutTheNodeWithRoom_IsLeftToASchedulerThatSeesSome(bool seesSome, int missing)
    {
        var bench = new HistoryBench(
            view => new L06WaitingPodsAreWoken(view), view => new L01PodsThatFitRun(view)).WithGroups();
        bench.View.SeesSome = seesSome;
        bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
        bench.Hear(bench.Claim("a", "6Gi"));
        var pod = bench.PodOf("a");
        bench.Hear(bench.Report("node-1", 1));
        bench.Filter(pod, ["node-2"], [], ("node-2", "no group"));
        bench.HealAndPass(TimeSpan.FromMinutes(10));
        Assert.Equal(missing, bench.Suite.Pending().Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Report_OfTheSpaceThatIsFree_MustNameTheVolumesToo(bool isTrue)
    {
        var bench = new HistoryBench(view => new L05ViewsConverge(view)).WithGroups();
        var (first, second) = (bench.Claim("a"), bench.Claim("b"));
        bench.Change(Agent, HistoryBench.Making(first.Uid));
        bench.Report("node-1", 1);
        bench.Change(Agent, HistoryBench.Removing(first.Uid));
        bench.Change(Agent, HistoryBench.Making(isTrue ? first.Uid : second.Uid));
        bench.Hear(bench.StorageObject("node-2"));
        bench.Hear(bench.StorageObject("node-1"));
        bench.HealAndPass(Long);
        var breach = bench.Suite.Breach?.ToString();
        Assert.True(isTrue == breach is null, breach);
    }

    [Theory]
    [InlineData("10236Mi", "10236Mi", true)]
    [InlineData("3Gi", "10236Mi", false)]
    [InlineData("10236Mi", "3Gi", false)]
    [InlineData("10236Mi", "20Gi", false)]
    public void Capacity_ThatIsPublishedBesideAReport_MustBeWhatTheReportHasToGive(string amount, string largest, bool isTrue)
    {
        var bench = new HistoryBench(view => new L05ViewsConverge(view)).WithGroups();
        foreach (var node in (string[])["node-1", "node-2"])
        {
            bench.Hear(bench.Report(node, 1));
            bench.Api("agent/" + node, new ClusterRequest.Create(ResourceTypes.CsiStorageCapacities, "localpv-system", JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "fast." + node))),
                ("storageClassName", "fast"),
                ("capacity", node == "node-1" ? "10236Mi" : amount),
                ("maximumVolumeSize", node == "node-1" ? "10236Mi" : largest))));
        }

        bench.HealAndPass(Long);
        Assert.Equal(isTrue ? null : "L05", bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Copy_OfAnObjectThatIsGone_IsAGhost(bool isGone)
    {
        var bench = new HistoryBench();
        var claim = bench.Claim("a");
        var copy = Filled(claim);
        var rule = new L08CopiesRecover(bench.View) { Copies = () => [("agent/node-1", copy)] };
        rule.Attach(bench.Suite.Truth, _ => { });
        if (isGone)
        {
            bench.Erase(claim);
        }

        bench.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(isGone, rule.Pending()?.Contains("still knows", StringComparison.Ordinal) == true);
    }

    // A copy that has listed one claim.
    private static Reflector Filled(PersistentVolumeClaim claim)
    {
        var copy = new Reflector(claim.Type, ObjectSelector.Everything, new CallNumbers(), new ReflectorOptions());
        var effects = System.Collections.Immutable.ImmutableArray.CreateBuilder<Effect>();
        copy.Start(Core.Units.Instant.Epoch, effects);
        var list = effects.OfType<Effect.CallCluster>().Single();
        copy.TryHandle(
            Core.Units.Instant.Epoch,
            new AgentEvent.ClusterAnswered(list.Call, list.Request, Core.Outcomes.Outcome.Done(
                new ClusterAnswer(null, [claim], claim.ResourceVersion, ""))),
            effects,
            []);
        return copy;
    }

    /// <summary>Nobody can remove what lies on a disk that is dead.</summary>
    [Fact]
    public void ReleasedVolume_WhoseLastDiskHasDied_IsNotWaitedFor()
    {
        var bench = new HistoryBench(_ => new L03DeletionsEnd()).WithGroups();
        var claim = bench.Claim("a");
        bench.Change(Agent, HistoryBench.Making(claim.Uid));
        var volume = bench.Volume(claim);
        bench.Erase(claim);
        bench.Status(volume, "pv-controller", JsonMap.Of(("phase", "Released")));
        bench.HealAndPass(TimeSpan.FromMinutes(1));
        Assert.NotEmpty(bench.Suite.Pending());
        bench.Lvm("node-1").Disks[0].Readable = false;
        Assert.Empty(bench.Suite.Pending());
    }

    [Fact]
    public void Orphan_RemovedRightAfterItWasMade_IsTooEarly()
    {
        var bench = new HistoryBench(_ => new L04OrphansAreReclaimed()).WithGroups();
        var uid = bench.Claim("a").Uid;
        bench.Change(Agent, HistoryBench.Making(uid));
        bench.Pass(TimeSpan.FromSeconds(5));
        bench.Change(Agent, HistoryBench.Removing(uid));
        Assert.Equal("L04", bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData("4Gi,4Gi,4Gi,4Gi", 4)]
    [InlineData("6Gi,6Gi,6Gi", 2)]
    [InlineData("9Gi,5Gi,5Gi", 2)]
    [InlineData("6Gi,5Gi,3Gi,4Gi", 4)]
    [InlineData("11Gi", 0)]
    public void Oracle_SeveralPods_KnowsTheMostThatFitTogether(string sizes, int expected)
    {
        // Two nodes with room for 10 GiB less one extent each.
        var bench = new HistoryBench(view => new L01PodsThatFitRun(view)).WithGroups();
        bench.Report("node-1", 1);
        bench.Report("node-2", 1);
        var pods = sizes.Split(',').Select((size, index) =>
        {
            var claim = bench.Claim($"claim-{index}", size);
            return bench.PodOf(claim.Name);
        }).ToList();
        bench.Suite.LookAtAllNodes();
        Assert.Equal(expected, new PlacementOracle(bench.Suite.Truth).MostThatCouldRun(pods));
    }

    [Fact]
    public void Oracle_RoomIsPromisedToAnother_DoesNotCountIt()
    {
        var bench = new HistoryBench(view => new L01PodsThatFitRun(view)).WithGroups();
        bench.Report("node-1", 1);
        bench.Claim("a", "6Gi");
        var pod = bench.PodOf("a");
        var oracle = new PlacementOracle(bench.Suite.Truth);
        Assert.Equal("node-1", oracle.WhereCouldRun(pod));
        bench.Select(bench.Claim("b", "6Gi"), "node-1");
        Assert.Null(oracle.WhereCouldRun(pod));
    }

    /// <summary>
    /// An extender that has just started cannot know that a report does not show a volume since it is lost: it may keep its space until two
    /// scans later, and no longer.
    /// </summary>
    [Fact]
    public void RoomOfALostVolume_AnExtenderMayCountItForAWhile_IsRoomAfterIt()
    {
        var bench = new HistoryBench(
            view => new L01PodsThatFitRun(view), view => new L06WaitingPodsAreWoken(view)).WithGroups();
        bench.Report("node-1", 1);
        bench.Claim("a", "6Gi");
        bench.PodOf("a");
        var lost = bench.Select(bench.Claim("b", "6Gi"), "node-1");
        bench.Api("", new ClusterRequest.Patch(lost.Type, lost.Key, JsonMap.Of(("spec", JsonMap.Of(("volumeName", "pvc-b"))))));
        bench.HealAndPass(bench.View.LostMemory - TimeSpan.FromSeconds(1));
        Assert.Equal("node-1", new PlacementOracle(bench.Suite.Truth).WhereCouldRun(bench.Suite.Truth.Pods.Values.Single()));
        Assert.Empty(bench.Suite.Pending());
        bench.Pass(TimeSpan.FromSeconds(1));
        Assert.StartsWith("L01: Pod default/", Assert.Single(bench.Suite.Pending()), StringComparison.Ordinal);
    }

    private static void WaitingPod(HistoryBench bench, bool fits)
    {
        bench.WithGroups().Report("node-1", 1);
        bench.Claim("a", fits ? "6Gi" : "60Gi");
        bench.PodOf("a");
    }
}
