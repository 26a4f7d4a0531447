using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Lvm;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>
/// Each safety invariant speaks of a history written by hand in which just its rule is broken, and not of the same one without.
/// </summary>
public sealed class SafetyRuleTests
{
    private const string Agent = HistoryBench.Agent;

    public static TheoryData<string> Ids => new(Histories.Keys.Order(StringComparer.Ordinal));

    // The argument says whether the rule is broken: everything else is the same.
    private static readonly Dictionary<string, (Func<ExtenderView, Rule> Make, Action<HistoryBench, bool> Write)> Histories = new()
    {
        ["S01"] = (_ => new S01NoGroupIsOvercommitted(), (bench, bad) =>
        {
            bench.WithGroups();
            var group = bench.Lvm("node-1").AllGroups()[0];
            ((S01NoGroupIsOvercommitted)bench.Suite.Rules[0]).Check(
                "node-1", bad ? group with { FreeExtents = group.Extents + new ExtentCount(1) } : group);
        }
        ),
        ["S02"] = (view => new S02PromisesAreKept(view), (bench, bad) =>
        {
            bench.WithGroups();
            bench.Pass(TimeSpan.FromMinutes(20));
            bench.Hear(bench.StorageObject("node-1"));
            bench.SendTwo(bad ? "6Gi" : "4Gi");
        }
        ),
        ["S03"] = (_ => new S03OneVolumePerClaim(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Change("agent/node-2", HistoryBench.Making(bad ? claim.Uid : bench.Claim("b").Uid));
        }
        ),
        ["S04"] = (_ => new S04VolumesNameTheirNode(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Volume(claim, bad ? "node-2" : "node-1");
        }
        ),
        ["S05"] = (_ => new S05SizesHold(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a", "1Gi");
            bench.Change(Agent, HistoryBench.Making(claim.Uid, bad ? 255 : 256));
        }
        ),
        ["S06"] = (_ => new S06NoDataIsLost(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            if (!bad)
            {
                bench.Erase(claim);
            }

            bench.Change(Agent, HistoryBench.Removing(claim.Uid));
        }
        ),
        ["S07"] = (_ => new S07OnlyOurOwnIsTouched(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Lvm("node-1").CreateForeignVolume(
                VolumeGroupName.Parse("fast"), LogicalVolumeName.Parse("theirs"), new ExtentCount(5));
            bench.Change(Agent, HistoryBench.Removing(claim.Uid), () => bench.Lvm("node-1").RemoveBehindTheBack(
                VolumeGroupName.Parse("fast"), LogicalVolumeName.Parse(bad ? "theirs" : "pvc-" + claim.Uid)));
        }
        ),
        ["S08"] = (_ => new S08NoUsedDiskIsTaken(), (bench, bad) =>
        {
            var lvm = bench.Lvm("node-1");
            lvm.Disks[0].Signature = bad ? "ext4" : "";
            bench.Change(Agent, bench.MakingGroup("node-1"), () => lvm.CreateForeignGroup(
                VolumeGroupName.Parse("fast"), ExtentSize.Default, lvm.Disks[0]));
        }
        ),
        ["S09"] = (_ => new S09TenantsAreIsolated(), (bench, bad) =>
        {
            var first = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(first.Uid));
            bench.Status(first, "pv-controller", JsonMap.Of(("phase", "Bound")));
            bench.Change(Agent, HistoryBench.Removing(first.Uid) with
            {
                Wipe = bad ? LocalPv.Core.Disks.WipePolicy.Signatures : LocalPv.Core.Disks.WipePolicy.Zero,
            });
            bench.Change(Agent, HistoryBench.Making(bench.Claim("b").Uid));
        }
        ),
        ["S10"] = (_ => new S10ContentIsNeverErased(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Lvm("node-1").Write(VolumeGroupName.Parse("fast"), LogicalVolumeName.Parse("pvc-" + claim.Uid), "precious " + claim.Uid);
            var grow = new NodeStorageRequest.ExtendLogicalVolume(
                VolumeGroupName.Parse("fast"),
                LogicalVolumeName.Parse("pvc-" + claim.Uid),
                ClaimUid.Parse(claim.Uid),
                new ExtentCount(300));
            bench.Change(Agent, grow, () =>
            {
                bench.Storage("node-1").Faults = new Halfway();
                bench.Storage("node-1").Run(bad ? HistoryBench.Removing(claim.Uid) : grow);
            });
        }
        ),
        ["S11"] = (_ => new S11NothingIsMadeAgain(), (bench, bad) =>
        {
            var uid = bench.WithGroups().Claim("a").Uid;
            bench.Change(Agent, HistoryBench.Making(uid));
            bench.Change(Agent, HistoryBench.Removing(uid));
            bench.Change("agent/node-2", HistoryBench.Making(bad ? uid : bench.Claim("b").Uid));
        }
        ),
        ["S12"] = (_ => new S12ClaimsAreGivenBackWithCare(), (bench, bad) =>
        {
            var claim = bench.Select(bench.WithGroups().Claim("a"), "node-1");
            bench.Change(Agent, HistoryBench.Making(bad ? claim.Uid : bench.Claim("b").Uid));
            bench.Select(claim, null, Agent);
        }
        ),
        ["S13"] = (_ => new S13VolumesAreBacked(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            if (!bad)
            {
                bench.Change(Agent, HistoryBench.Making(claim.Uid));
            }

            bench.Volume(claim);
        }
        ),
        ["S14"] = (_ => new S14NothingIsForgotten(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            var volume = bench.Volume(claim);
            bench.Erase(claim);
            bench.Pass(TimeSpan.FromMinutes(5));
            if (!bad)
            {
                bench.Change(Agent, HistoryBench.Removing(claim.Uid));
            }

            bench.Api(Agent, new ClusterRequest.Patch(volume.Type, volume.Key, JsonMap.Of(("metadata", JsonMap.Of(
                ("resourceVersion", bench.Current(volume).ResourceVersion), ("finalizers", JsonNull.Instance))))));
        }
        ),
        ["S15"] = (_ => new S15RetainedDataStays(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Status(bench.Volume(claim, policy: bad ? "Retain" : "Delete"), "pv-controller", JsonMap.Of(("phase", "Released")));
            bench.Erase(claim);
            bench.Change(Agent, HistoryBench.Removing(claim.Uid));
        }
        ),
        ["S16"] = (_ => new S16NoUpdateIsLost(), (bench, bad) =>
            bench.WithGroups().Report("node-1", 1, actor: bad ? "agent/node-2" : "")),
        ["S17"] = (_ => new S17ReportsAreTrue(), (bench, bad) =>
        {
            bench.WithGroups().Change(Agent, new NodeStorageRequest.Scan());
            bench.Report("node-1", 1, bad ? "9Gi" : null);
        }
        ),
        ["S18"] = (_ => new S18ReportsGoForward(), (bench, bad) =>
        {
            bench.WithGroups().Report("node-1", 5);
            bench.Pass(TimeSpan.FromMinutes(1));
            bench.Report("node-1", bad ? 4 : 6);
        }
        ),
        ["S19"] = (_ => new S19AnswersAreWellFormed(), (bench, bad) =>
            bench.Filter(bench.PodOf(), ["node-1"], bad ? ("node-3", "no") : ("node-2", "no"))),
        ["S20"] = (view => new S20AdmittedPodsFit(view), (bench, bad) =>
        {
            bench.WithGroups();
            bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
            bench.Hear(bench.Report("node-1", 1));
            bench.Hear(bench.Claim("a", "6Gi"));
            bench.Hear(bench.Claim("b", bad ? "4Gi" : "3Gi"));
            bench.Filter(bench.PodOf("a", "b"), ["node-1"], ("node-2", "no"));
        }
        ),
        ["S21"] = (view => new S21ReservationsEnd(view), (bench, bad) =>
        {
            bench.WithGroups();
            bench.Hear(bench.Server.Snapshot(ResourceTypes.StorageClasses)[0]);
            bench.Hear(bench.Report("node-1", 1));
            bench.Hear(bench.Claim("a", bad ? "6Gi" : "11Gi"));
            bench.Filter(bench.PodOf("a"), [], ("node-1", "not enough space: 6 GiB needed"), ("node-2", "no storage"));
        }
        ),
        ["S22"] = (_ => new S22TwoLeadersDoNoHarm(), (bench, bad) =>
        {
            var claim = bench.Claim("a");
            bench.Api("controller", new ClusterRequest.Patch(claim.Type, claim.Key, JsonMap.Of(("metadata", JsonMap.Of(
                ("resourceVersion", bad ? null : claim.ResourceVersion), ("labels", JsonMap.Of(("x", "y"))))))));
        }
        ),
        ["S23"] = (_ => new S23DoubtIsResolvedFirst(), (bench, bad) =>
        {
            var request = new ClusterRequest.Create(
                ResourceTypes.PersistentVolumes, "", JsonMap.Of(("metadata", JsonMap.Of(("name", "pvc-1")))));
            bench.Suite.Asked(Agent, 1, new Effect.CallCluster(1, request, TimeSpan.FromSeconds(5)));
            bench.Suite.Happening(Agent, 1, new AgentEvent.ClusterAnswered(
                1, request, Outcome.Failed<ClusterAnswer>(OutcomeKind.InDoubt, "lost")));
            var look = new ClusterRequest.Get(request.Type, ObjectKey.ClusterScoped("pvc-1"));
            bench.Suite.Asked(Agent, 1, new Effect.CallCluster(2, look, TimeSpan.FromSeconds(5)));
            bench.Suite.Happening(Agent, 1, new AgentEvent.ClusterAnswered(
                2, look, Outcome.Failed<ClusterAnswer>(bad ? OutcomeKind.Unavailable : OutcomeKind.NotFound, "no")));
            bench.Suite.Asked(Agent, 1, new Effect.CallCluster(3, request, TimeSpan.FromSeconds(5)));
        }
        ),
        ["S24"] = (_ => new S24FinalizersComeFirst(), (bench, bad) =>
        {
            var claim = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(claim.Uid));
            bench.Volume(claim, finalizer: !bad);
        }
        ),
        ["S25"] = (_ => new S25NamesAreNotIdentities(), (bench, bad) =>
        {
            var first = bench.WithGroups().Claim("a");
            bench.Change(Agent, HistoryBench.Making(first.Uid, name: "data"));
            bench.Change(Agent, HistoryBench.Removing(bad ? bench.Claim("b").Uid : first.Uid, "data"), () =>
                bench.Lvm("node-1").RemoveBehindTheBack(VolumeGroupName.Parse("fast"), LogicalVolumeName.Parse("data")));
        }
        ),
        ["S26"] = (_ => new S26OneChangeAtATime(), (bench, bad) =>
        {
            var making = HistoryBench.Making(bench.WithGroups().Claim("a").Uid);
            bench.Suite.Asked(Agent, 1, new Effect.CallStorage(1001, making, TimeSpan.FromMinutes(1)));
            bench.Suite.Happening(Agent, 1, new AgentEvent.StorageAnswered(
                1001, making, Outcome.Failed<NodeStorageAnswer>(OutcomeKind.InDoubt, "killed")));
            if (!bad)
            {
                bench.Change(Agent, new NodeStorageRequest.Scan());
            }

            bench.Suite.Asked(Agent, 1, new Effect.CallStorage(1002, making, TimeSpan.FromMinutes(1)));
        }
        ),
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void Invariant_RuleIsBroken_SpeaksAndOtherwiseNot(string id)
    {
        var (make, write) = Histories[id];
        var good = new HistoryBench(make);
        write(good, false);
        Assert.Null(good.Suite.Breach);

        var bad = new HistoryBench(make);
        write(bad, true);
        Assert.Equal(id, bad.Suite.Breach?.Id);
        Assert.NotEmpty(bad.Suite.Breach!.What);
    }

    /// <summary>
    /// A request that was given up and repeated may be carried out when all is over; one that is asked for again may not.
    /// </summary>
    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "S13")]
    public void PersistentVolume_MadeOnceMoreWithoutItsLogicalVolume_IsALateRequest(bool isLate, string? id)
    {
        var bench = new HistoryBench(_ => new S13VolumesAreBacked()).WithGroups();
        var claim = bench.Claim("a");
        bench.Change(Agent, HistoryBench.Making(claim.Uid));
        var volume = bench.Volume(claim);
        bench.Change(Agent, HistoryBench.Removing(claim.Uid));
        bench.Pass(TimeSpan.FromSeconds(1));
        bench.Erase(volume);
        bench.Pass(TimeSpan.FromSeconds(1));
        var again = new Effect.CallCluster(99, new ClusterRequest.Create(volume.Type, "", volume.Tree), TimeSpan.FromSeconds(15));
        if (!isLate)
        {
            bench.Suite.Asked(Agent, 1, again);
        }

        bench.Suite.Taking(Agent, 1, again);
        var made = bench.Server.Send(bench.Now, ((ClusterRequest.Create)again.Request) with
        {
            Body = volume.Tree.With("metadata", JsonMap.Of(("name", volume.Name))),
        });
        bench.Suite.Took(Agent, 1, again, null);
        Assert.True(made.IsDone, made.ToString());
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData("node-1", null)]
    [InlineData("node-9", "S07")]
    public void Volume_InAGroupThatAnotherNodeHasMade_IsNotToBeTouched(string maker, string? id)
    {
        var bench = new HistoryBench(_ => new S07OnlyOurOwnIsTouched());
        var making = bench.MakingGroup("node-1");
        bench.Change(Agent, making with { Tags = making.Tags.Add(LvmTag.Parse("localpv.io/node=" + maker)) });
        bench.Change(Agent, HistoryBench.Making(bench.Claim("a").Uid));
        Assert.Equal(id, bench.Suite.Breach?.Id);
    }

    [Fact]
    public void Histories_ThereIsOneForEverySafetyInvariant() => Assert.Equal(
        AllRules.Create(new ExtenderView()).Select(invariant => invariant.Id).Where(id => id[0] == 'S').Order(StringComparer.Ordinal),
        Histories.Keys.Order(StringComparer.Ordinal));

    // The scheduler sends two claims to the node, one after the other, as the extender allows.
    private sealed class Halfway : IStorageFaults
    {
        public StorageFault? Next(NodeStorageRequest request) =>
            request is NodeStorageRequest.RemoveLogicalVolume ? new StorageFault.HappensHalf() : null;
    }
}
