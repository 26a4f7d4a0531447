using LocalPv.Core.Outcomes;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>Volumes that were promised more than there is, and write it.</summary>
public sealed class FullPoolTests
{
    [Fact]
    public async Task Pool_WrittenFull_SaysSoTakesNoClaimAndIsWellAgainWhenAVolumeGoes()
    {
        await using var node = await SickNode.StartAsync(SickNodeParts.Thin);
        node.AddClaim("greedy", SickNode.Sick, "40Mi");
        await node.SettleAsync();
        Assert.True(node.Claim("greedy").Phase == "Bound", node.Describe());
        node.Begin();

        // Else the kernel keeps writers waiting for a minute, in case somebody adds space.
        var written = await node.Guest.ScriptAsync(
            """
            lvm lvchange --quiet --errorwhenfull y sick/localpv-thin --devices /dev/loop0,/dev/loop1 >&2
            ! dd if=/dev/zero of=$1 bs=1M oflag=direct status=none 2>&1
            """,
            node.VolumeOf("greedy").LocalPath!);
        Assert.Contains("No space left", written, StringComparison.Ordinal);
        node.AddClaim("new-sick", SickNode.Sick);
        node.AddClaim("new-well", SickNode.Well);
        await node.SettleAsync();
        Assert.True(node.Claim("new-well").Phase == "Bound", node.Describe());
        Assert.Equal("Ready", node.PhaseOf(SickNode.Well));
        Assert.True(node.PhaseOf(SickNode.Sick) == "Degraded", node.Describe());
        Assert.Contains("is 100 % full", node.ProblemsOf(SickNode.Sick), StringComparison.Ordinal);
        Assert.All(node.CreationsInSick(), kind => Assert.True(kind == OutcomeKind.NoSpace, node.Describe()));
        Assert.True(node.Claim("new-sick").SelectedNode is null, node.Describe());
        await node.CheckKeptAsync("kept-sick", "kept-well");

        node.World.Delete(node.Claim("greedy"));
        await node.SettleAsync();
        node.Reschedule("new-sick");
        await node.SettleAsync();
        Assert.True(node.Claim("new-sick").Phase == "Bound", node.Describe());
        Assert.True(node.PhaseOf(SickNode.Sick) == "Ready", node.Describe());
        await node.CheckKeptAsync("kept-sick", "kept-well");
        await node.CheckVolumesAsync();
    }
}
