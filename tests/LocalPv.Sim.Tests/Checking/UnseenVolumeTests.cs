using LocalPv.Core.Ports;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>
/// S12 where a disk died with a logical volume on it: an agent that was started since then cannot know of the volume, and may give the
/// claim back; whoever knows of it, or could see it, may not.
/// </summary>
public sealed class UnseenVolumeTests
{
    [Theory]
    [InlineData(false, false, false, true)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, true, true)]
    public void ClaimGivenBack_VolumeOnADiskThatWentAway_IsWrongOnlyWhereSomebodyKnowsOfIt(
        bool restarted, bool reported, bool seenAgain, bool wrong)
    {
        var bench = new HistoryBench(_ => new S12ClaimsAreGivenBackWithCare());
        var claim = bench.Select(bench.WithGroups().Claim("a"), "node-1");
        bench.Change(HistoryBench.Agent, HistoryBench.Making(claim.Uid));
        if (reported)
        {
            bench.Report("node-1", 1);
        }

        var disk = bench.Lvm("node-1").Disks[0];
        disk.Present = false;
        if (restarted)
        {
            bench.Suite.Started(HistoryBench.Agent, 2);
        }

        bench.Change(HistoryBench.Agent, new NodeStorageRequest.Scan());
        disk.Present = seenAgain;
        bench.Select(claim, null, HistoryBench.Agent);
        Assert.Equal(wrong ? "S12" : null, bench.Suite.Breach?.Id);
    }

    [Fact]
    public void ClaimGivenBack_ByAnAgentThatHasSeenTheVolumeBefore_IsWrong()
    {
        var bench = new HistoryBench(_ => new S12ClaimsAreGivenBackWithCare());
        var claim = bench.Select(bench.WithGroups().Claim("a"), "node-1");
        bench.Change(HistoryBench.Agent, HistoryBench.Making(claim.Uid));
        bench.Suite.Started(HistoryBench.Agent, 2);
        bench.Change(HistoryBench.Agent, new NodeStorageRequest.Scan());
        bench.Lvm("node-1").Disks[0].Present = false;
        bench.Change(HistoryBench.Agent, new NodeStorageRequest.Scan());
        bench.Select(claim, null, HistoryBench.Agent);
        Assert.Equal("S12", bench.Suite.Breach?.Id);
    }
}
