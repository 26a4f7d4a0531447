using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Tests.Engine;

/// <summary>What its sender has given up may still come to be: the world goes on with what it has in its hands.</summary>
public sealed class LateEffectTests
{
    private const string Head = """
        seed 5
        cluster nodes=1 disks=1 disk-size=10Gi
        knob agent.mutation-timeout 10s
        knob agent.api-timeout 3s
        at 0s class fast
        at 40s pod web claims=data:4Gi:fast
        heal at 10m
        recover 20m

        """;

    [Fact]
    public void Command_ThatCannotBeKilled_TakesEffectWhenTheFaultEnds()
    {
        var seen = Run("at 30s for 4m fault lvm-late node-1");
        Assert.Contains(seen.Late, effect => effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume });
        Assert.Equal(TimeSpan.FromSeconds(270), Assert.Single(seen.Made.Take(1)));
    }

    /// <summary>Its agent is told long before, sees what it may see meanwhile, and does nothing that the late end could spoil.</summary>
    [Fact]
    public void Command_ThatIsKilledInVain_TakesEffectAfterItsAgentWasTold()
    {
        var seen = Run("at 30s for 4m fault lvm-stuck node-1");
        Assert.Contains(seen.Told, told => told < TimeSpan.FromMinutes(2));
        Assert.Contains(seen.Late, effect => effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume });
        Assert.True(seen.SawWithoutGroup, "No scan left out the group whose lock the command keeps.");
    }

    [Fact]
    public void Command_OfAnAgentThatDied_TakesEffectAllTheSame()
    {
        var seen = Run("at 30s for 4m fault lvm-late node-1\nat 1m for 8m fault crash agent/node-1");
        Assert.Equal(TimeSpan.FromSeconds(270), Assert.Single(seen.Made));
    }

    [Fact]
    public void Command_OnANodeThatRestarts_IsLost()
    {
        var seen = Run("at 30s for 4m fault lvm-late node-1\nat 1m for 5m fault reboot node-1");
        Assert.All(seen.Made, made => Assert.True(made > TimeSpan.FromMinutes(6), $"{made}"));
    }

    [Fact]
    public void Write_ThatTakesLongerThanItsSenderWaits_TakesEffectAfterwards()
    {
        var seen = Run("at 30s for 3m fault late agent/node-1 by=40s");
        Assert.Contains(seen.Late, effect => effect is Effect.CallCluster { Request.IsWrite: true });
    }

    private static Diary Run(string faults)
    {
        var diary = new Diary();
        var report = PlanRunner.Run(PlanReader.Read(Head + faults), new RunOptions { Observers = [diary] });
        Assert.True(report.IsGood, $"{report.Violation}");
        return diary;
    }

    private sealed class Diary : Invariant
    {
        public List<Effect> Late { get; } = [];

        public List<TimeSpan> Made { get; } = [];

        public List<TimeSpan> Told { get; } = [];

        public bool SawWithoutGroup { get; private set; }

        public override string Id => "late";

        public override string Statement => "What comes late is written down.";

        public override void OnLate(SimulatedProcess process, Effect effect) => Late.Add(effect);

        public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
        {
            if (happened is AgentEvent.StorageAnswered { Outcome.Kind: OutcomeKind.InDoubt })
            {
                Told.Add(now - Run.Cluster.Loop.Start);
            }
        }

        public override void OnStorage(StorageCall call)
        {
            SawWithoutGroup |= call.Outcome is { IsDone: true, Value: NodeStorageAnswer.Scanned { Scan: var scan } }
                && scan.VolumeGroups.IsEmpty
                && scan.Disks.Any(disk => disk.VolumeGroup is not null);
            if (call.Request is NodeStorageRequest.CreateLogicalVolume && !ReferenceEquals(call.Before, call.After))
            {
                Made.Add(Run.Now - Run.Cluster.Loop.Start);
            }
        }
    }
}
