using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>Requests that LVM's backend refuses are judged all the same: a rule must not rest on the guard behind it.</summary>
public sealed class AskedForTests
{
    private const string Agent = HistoryBench.Agent;
    private static readonly VolumeGroupName Fast = VolumeGroupName.Parse("fast");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removal_OfWhatIsAnotherClaims_IsAskedFor(bool bad)
    {
        var bench = new HistoryBench(_ => new S25NamesAreNotIdentities());
        var first = bench.WithGroups().Claim("a");
        bench.Change(Agent, HistoryBench.Making(first.Uid, name: "data"));
        bench.Change(Agent, HistoryBench.Removing(bad ? bench.Claim("b").Uid : first.Uid, "data"));
        Assert.Equal(bad ? "S25" : null, bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removal_OfWhatIsNotOurs_IsAskedFor(bool bad)
    {
        var bench = new HistoryBench(_ => new S07OnlyOurOwnIsTouched());
        var claim = bench.WithGroups().Claim("a");
        bench.Change(Agent, HistoryBench.Making(claim.Uid));
        bench.Lvm("node-1").CreateForeignVolume(Fast, LogicalVolumeName.Parse("theirs"), new ExtentCount(5));
        bench.Change(Agent, HistoryBench.Removing(claim.Uid, bad ? "theirs" : null));
        Assert.Equal(bad ? "S07" : null, bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Disk_ThatTheScanShowedInUse_IsAskedFor(bool bad)
    {
        var bench = new HistoryBench(_ => new S08NoUsedDiskIsTaken());
        bench.Lvm("node-1").Disks[0].Signature = bad ? "ext4" : "";
        bench.Change(Agent, new NodeStorageRequest.Scan());
        bench.Change(Agent, bench.MakingGroup("node-1"));
        Assert.Equal(bad ? "S08" : null, bench.Suite.Breach?.Id);
    }

    [Theory]
    [InlineData(OutcomeKind.Unavailable, "S12")]
    [InlineData(OutcomeKind.NoSpace, null)]
    public void Claim_OfACreationThatHangs_IsGivenBackAfterALaterAnswer(OutcomeKind later, string? breach)
    {
        var bench = new HistoryBench(_ => new S12ClaimsAreGivenBackWithCare());
        var claim = bench.Select(bench.WithGroups().Claim("a"), "node-1");
        var making = HistoryBench.Making(claim.Uid);
        bench.Change(Agent, making, () => { });
        var effect = new Core.Agents.Effect.CallStorage(2001, making, TimeSpan.FromMinutes(1));
        bench.Suite.Asked(Agent, 1, effect);
        bench.Suite.Taking(Agent, 1, effect);
        bench.Suite.Took(Agent, 1, effect, new Core.Agents.AgentEvent.StorageAnswered(
            2001, making, Outcome.Failed<NodeStorageAnswer>(later, "no")));
        bench.Select(claim, null, Agent);
        Assert.Equal(breach, bench.Suite.Breach?.Id);
    }
}
