using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>A disk is pulled out of a running node, with a volume on it, and put back.</summary>
public sealed class PulledDiskTests
{
    [Fact]
    public async Task Disk_PulledOutAndPutBack_IsMissedAndTakesNothingWithIt()
    {
        await using var node = await SickNode.StartAsync(SickNodeParts.Pluggable);
        node.AddClaim("going", SickNode.Sick);
        await node.SettleAsync();
        Assert.True(node.Claim("going").Phase == "Bound", node.Describe());
        node.Begin();

        await node.Guest.ScriptAsync("echo 1 >/sys/block/sda/device/delete");
        node.World.Delete(node.Claim("going"));
        node.AddClaim("new-sick", SickNode.Sick);
        node.AddClaim("new-well", SickNode.Well);
        await node.SettleAsync();
        Assert.True(node.Claim("new-well").Phase == "Bound", node.Describe());
        Assert.Equal("Ready", node.PhaseOf(SickNode.Well));
        Assert.True(node.PhaseOf(SickNode.Sick) == "Degraded", node.Describe());
        Assert.Contains("misses 1 of its 2 disks", node.ProblemsOf(SickNode.Sick), StringComparison.Ordinal);
        Assert.DoesNotContain(OutcomeKind.Done, node.Outcomes.Where(each => each.Request.VolumeGroup?.Value == SickNode.Sick)
            .Select(each => each.Outcome.Kind));
        var sent = node.Claim("new-sick");
        Assert.True(sent.SelectedNode is null && sent.Annotation(WellKnown.FailedOnAnnotation) is not null, node.Describe());
        Assert.True(node.World.Volumes.Count() == 4, node.Describe());
        await node.CheckKeptAsync("kept-well");

        // It comes back by another name, since the volumes on it still hold the old one; whoever put it back reloads them.
        await node.Guest.ScriptAsync(
            """
            for host in /sys/class/scsi_host/*; do echo '- - -' >"$host/scan"; done
            for try in {1..100}; do [ -b /dev/sdd ] && break; sleep 0.1; done
            lvm lvchange --refresh sick
            """);
        await node.AwaitScanAsync();
        node.Reschedule("new-sick");
        await node.SettleAsync();
        Assert.True(node.Claim("new-sick").Phase == "Bound", node.Describe());
        Assert.True(node.PhaseOf(SickNode.Sick) == "Ready", node.Describe());
        await node.CheckKeptAsync("kept-sick", "kept-well");
        await node.CheckVolumesAsync();
    }
}
