using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Tests.EachFault;

/// <summary>
/// Faults that are seen to happen, one at a time, in a small cluster that keeps every invariant and serves every claim all the same.
/// </summary>
public sealed class FaultTests
{
    [Fact]
    public void Invalid_WritesOfAnAgent_AreRejectedAndMadeLater()
    {
        var rejected = new Witness((_, _, happened, _) =>
            happened is AgentEvent.ClusterAnswered { Request.IsWrite: true, Outcome.Kind: OutcomeKind.Rejected });
        Run("at 20s for 3m fault invalid agent/node-1\nat 20s for 3m fault invalid agent/node-2", rejected);
        Assert.NotEqual(0, rejected.Count);
    }

    [Fact]
    public void TwoLeaders_OneIdentity_BothActAndNoInvariantBreaks()
    {
        var acting = new SortedSet<string>(StringComparer.Ordinal);
        var witness = new Witness((process, now, _, effects) =>
        {
            if (now - SimulatedCluster.SwitchedOn > TimeSpan.FromMinutes(3)
                && effects.Any(effect => effect is Effect.CallCluster { Request: { IsWrite: true } request }
                    && request.Resource == ResourceTypes.Leases))
            {
                acting.Add(process);
            }

            return true;
        });
        Run("at 20s for 5m fault two-leaders controller\nat 70s for ever fault lose-node node-1", witness, healAt: "8m");
        Assert.Contains("controller", acting);
        Assert.Contains("controller+", acting);
    }

    [Fact]
    public void ExtenderRefused_EveryCall_DelaysPodsButPlacesThemAfterwards()
    {
        var refused = new Refusals();
        Run("at 20s for 90s fault extender-refused", refused);
        Assert.NotEqual(0, refused.Count);
    }

    [Fact]
    public void CloneDisk_OfTheFirstNode_FreezesItsGroupAndSendsClaimsElsewhere()
    {
        var frozen = new Witness((_, _, happened, _) => happened is AgentEvent.StorageAnswered { Outcome: { IsDone: false } outcome }
            && outcome.Message.Contains("duplicate PV", StringComparison.Ordinal));
        Run("at 20s for 3m fault clone-disk node-1", frozen);
        Assert.NotEqual(0, frozen.Count);
    }

    [Fact]
    public void OldDisk_WithVolumesOfAnotherCluster_IsLeftAsItIs()
    {
        var left = new LastLook(cluster => cluster.Nodes["node-1"].Storage.Lvm.AllGroups()
            .Any(group => group.Name.Value.StartsWith("elsewhere-", StringComparison.Ordinal) && group.LogicalVolumes.Length == 1));
        Run("at 20s for 30m fault old-disk node-1", left, healAt: "29m");
        Assert.True(left.Seen);
    }

    /// <summary>The Pods go elsewhere, and what lies on the disks is nobody's orphan (S07).</summary>
    [Fact]
    public void MovedDisks_WithAGroupOfAnotherNode_AreRefusedUntilTheyAreCleared()
    {
        var refused = new Witness((process, _, _, effects) => process == "agent/node-1" && effects.Any(Says("was made on another node")));
        var made = new LastLook(cluster => cluster.Nodes["node-1"].Storage.Lvm.AllGroups()
            .Any(group => group.Tags.Any(tag => tag.Value == "localpv.io/node=node-1")));
        Run("at 20s for 8m fault moved-disks node-1", refused, made, healAt: "10m");
        Assert.NotEqual(0, refused.Count);
        Assert.True(made.Seen, "The cleared disks have no group of this node.");
    }

    /// <summary>A group that a report leaves out for long is offered no more; its volumes are not taken for gone.</summary>
    [Fact]
    public void LvmPartial_ReportsWithoutTheGroup_LoseNothing()
    {
        var without = new Witness((_, _, happened, _) => happened is AgentEvent.StorageAnswered
        {
            Outcome: { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan: { VolumeGroups.IsEmpty: true, Disks: var disks } } },
        } && disks.Any(disk => disk.VolumeGroup is not null));
        Run("at 20s for 5m fault lvm-partial node-1\nat 20s for 5m fault lvm-partial node-2 percent=50", without, healAt: "7m");
        Assert.NotEqual(0, without.Count);
    }

    /// <summary>An agent that has just started and is shown the disks of the group alone cannot know what lies in it (S12).</summary>
    [Fact]
    public void LvmPartial_AfterARestart_GivesNoClaimBackWhoseVolumeIsThere()
    {
        var without = new Witness((_, _, happened, _) => happened is AgentEvent.StorageAnswered
        {
            Outcome: { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan.VolumeGroups.IsEmpty: true } },
        });
        Run(
            "at 29s for 25s fault invalid agent/node-1\nat 29s for 25s fault invalid agent/node-2\nat 44s for 4m fault lvm-partial all\n"
            + "at 45s for 5s fault crash agent/node-1\nat 45s for 5s fault crash agent/node-2",
            without,
            healAt: "7m");
        Assert.NotEqual(0, without.Count);
    }

    [Fact]
    public void OldData_WhereTheNextVolumeLies_IsNotWhatItsPodGets()
    {
        var onOldData = new HalfMade();
        Run(
            "at 20s fault old-data node-1\nat 20s fault old-data node-2\nat 25s for 1m fault lvm-half node-1\n"
            + "at 25s for 1m fault lvm-half node-2",
            onOldData);
        Assert.NotEqual(0, onOldData.Count);
    }

    [Fact]
    public void SlowMounts_OfAllNodes_DelayPodsAndLoseNothing()
    {
        var mounts = new Mounts();
        Run("at 20s for 3m fault slow-mounts all by=60s", mounts);
        Assert.True(mounts.LastFirst > TimeSpan.FromSeconds(40), $"The last Pod had its volume after {mounts.LastFirst}.");
    }

    [Fact]
    public void Behind_ClocksAreSetBackAndForth_AreMetByNewLivesOnly()
    {
        var behind = new ClocksBehind();
        Run(
            "at 25s for 2m fault behind agent/node-1 by=9m\nat 26s for 2m fault behind extender by=5m\n"
            + "at 27s for 2m fault behind controller by=8m",
            behind,
            healAt: "5m");
        Assert.Equal(["agent/node-1", "controller", "extender"], behind.Seen);
        Assert.False(behind.WentBack, "A clock went back within a life.");
    }

    /// <summary>Its claim goes all the same, and what is left counts as free.</summary>
    [Fact]
    public void RemoveByHand_AVolumeThatNobodyUses_IsMissedByNobody()
    {
        var left = new LastLook(cluster => cluster.Server.Snapshot(ResourceTypes.PersistentVolumes).Length == 2
            && cluster.Nodes.Values.Sum(node => node.Storage.Lvm.AllGroups().Sum(group => group.LogicalVolumes.Length)) == 2);
        Run("at 60s delete pod web\nat 2m fault remove-by-hand all\nat 150s delete claim data", left, healAt: "5m");
        Assert.True(left.Seen);
    }

    // Whether an effect writes an object that says so.
    private static Func<Effect, bool> Says(string text) => effect =>
        effect is Effect.CallCluster { Request: ClusterRequest.Replace { Body: var written } }
        && written.ToString().Contains(text, StringComparison.Ordinal);

    private static void Run(string trouble, Invariant witness, string healAt = "4m") => Run(trouble, witness, null, healAt);

    private static void Run(string trouble, Invariant witness, Invariant? other, string healAt)
    {
        var plan = PlanReader.Read(
            "seed 11\ncluster nodes=2 disks=1 disk-size=10Gi\nat 0s class fast\n" + trouble
            + "\nat 30s pod web claims=data:1Gi:fast\nat 31s pod db claims=rows:2Gi:fast,log:1Gi:fast\n"
            + $"heal at {healAt}\nrecover 35m\n");
        var bound = new LastLook(cluster => cluster.Server.Snapshot(ResourceTypes.Pods).All(pod => ((Pod)pod).Phase == "Running"));
        Invariant[] observers = other is null ? [witness, bound] : [witness, bound, other];
        var report = PlanRunner.Run(plan, new RunOptions { Observers = observers });
        Assert.True(report.IsGood, $"{report.Violation}");
        Assert.True(bound.Seen, "Not all Pods run in the end.");
    }

    /// <summary>Counts the steps of LocalPv's processes that are what is looked for.</summary>
    private sealed class Witness(Func<string, Instant, AgentEvent, ImmutableArray<Effect>, bool> isIt) : Invariant
    {
        public int Count { get; private set; }

        public override string Id => "witness";

        public override string Statement => "What a fault does is seen.";

        public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects) =>
            Count += Names.IsOurs(process.Name) && isIt(process.Name, now, happened, effects) ? 1 : 0;
    }

    /// <summary>Counts the refused calls of the extender.</summary>
    private sealed class Refusals : Invariant
    {
        public int Count { get; private set; }

        public override string Id => "refusals";

        public override string Statement => "Refused connections are seen.";

        public override void OnExtender(ExtenderExchange exchange) =>
            Count += exchange.Problem.Contains("refused", StringComparison.Ordinal) ? 1 : 0;
    }

    /// <summary>
    /// Counts the new volumes that begin with what somebody has left there: what a command does that was killed half-way.
    /// </summary>
    private sealed class HalfMade : Invariant
    {
        public int Count { get; private set; }

        public override string Id => "half-made";

        public override string Statement => "Volumes on old data are seen.";

        public override void OnStorage(StorageCall call) => Count += call.Request is NodeStorageRequest.CreateLogicalVolume create
            && call.After.Group(create.Group)?.Volume(create.Name) is not null
            && Run.Cluster.Nodes[call.Node].Storage.Lvm.ReadStart(create.Group, create.Name).Count > 0 ? 1 : 0;
    }

    /// <summary>When the last volume was mounted for the first time.</summary>
    private sealed class Mounts : Invariant
    {
        public TimeSpan LastFirst { get; private set; }

        public override string Id => "mounts";

        public override string Statement => "Late mounts are seen.";

        public override void OnDevice(DeviceUse use) =>
            LastFirst = use.Action == DeviceAction.Format ? Run.Now - SimulatedCluster.SwitchedOn : LastFirst;
    }

    /// <summary>Which processes' clocks are behind, and whether one goes back while its process lives.</summary>
    private sealed class ClocksBehind : Invariant
    {
        private readonly Dictionary<(string Process, int Life), Instant> _last = [];

        public SortedSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public bool WentBack { get; private set; }

        public override string Id => "clocks";

        public override string Statement => "Clocks that are behind are seen.";

        public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
        {
            var life = (process.Name, process.Incarnation);
            WentBack |= _last.TryGetValue(life, out var last) && process.OwnNow < last;
            _last[life] = process.OwnNow;
            if (process.OwnNow < now + -TimeSpan.FromMinutes(4))
            {
                Seen.Add(process.Name);
            }
        }
    }

    /// <summary>Looks at the cluster when all is over.</summary>
    private sealed class LastLook(Func<SimulatedCluster, bool> look) : Invariant
    {
        public bool Seen { get; private set; }

        public override string Id => "look";

        public override string Statement => "What is there in the end is seen.";

        public override void OnEnd() => Seen = look(Run.Cluster);
    }
}
