using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>
/// A disk goes bad under a group with a volume in it, and then a claim comes to each of two groups: the other group goes on, the report
/// says what is wrong, nothing is destroyed, and when the disk is well again, so is all the rest.
/// </summary>
public sealed class SickDiskTests(SickNodes nodes) : IClassFixture<SickNodes>
{
    private const string Healthy = "0 SIZE linear /dev/ubda 0";

    // LVM's metadata lies in the first MiB.
    private const string FailsBehindMetadata = "0 2048 linear /dev/ubda 0\n2048 REST error";

    [Fact]
    public async Task Disk_ThatFailsEveryRequest_FailsItsGroupAlone()
    {
        var node = await nodes.TakeAsync();
        await SetTableAsync(node, "0 SIZE error");
        await AddClaimsAsync(node);
        Assert.DoesNotContain(OutcomeKind.Done, node.CreationsInSick());
        Assert.True(node.PhaseOf(SickNode.Sick) == "Failed", node.Describe());
        Assert.Contains("is not seen now", node.ProblemsOf(SickNode.Sick), StringComparison.Ordinal);
        AssertGivenBack(node);
        await HealAsync(node);
    }

    [Fact]
    public async Task Disk_ThatFailsBehindItsMetadata_TakesNoVolumeAndSaysSo()
    {
        var node = await nodes.TakeAsync();
        await SetTableAsync(node, FailsBehindMetadata);
        await AddClaimsAsync(node);
        AssertFailing(node);
        await HealAsync(node);
    }

    [Fact]
    public async Task Disk_ThatFailsWrites_TakesNoVolumeAndSaysSo()
    {
        var node = await nodes.TakeAsync();
        await SetTableAsync(node, "0 SIZE flakey /dev/ubda 0 0 1000 1 error_writes");
        await AddClaimsAsync(node);
        AssertFailing(node);
        await node.CheckKeptAsync("kept-sick", "kept-well");
        await HealAsync(node);
    }

    [Fact]
    public async Task Disk_ThatLosesWrites_LeavesTheVolumeInDoubtAndNeverTwice()
    {
        var node = await nodes.TakeAsync();
        await SetTableAsync(node, "0 SIZE flakey /dev/ubda 0 0 1000 1 drop_writes");
        await AddClaimsAsync(node);
        var creations = node.CreationsInSick();
        Assert.Equal(OutcomeKind.InDoubt, creations[0]);
        Assert.DoesNotContain(OutcomeKind.Done, creations);
        Assert.True(node.PhaseOf(SickNode.Sick) == "Degraded", node.Describe());
        await node.CheckKeptAsync("kept-sick", "kept-well");

        // The kernel still has the device of the volume that LVM does not know of.
        await node.BootAsync();
        node.Begin();
        await HealAsync(node, wellNow: true);
    }

    [Fact]
    public async Task Disk_ThatIsSlow_IsWaitedFor()
    {
        var node = await nodes.TakeAsync();
        await SetTableAsync(node, "0 SIZE delay /dev/ubda 0 100");
        await AddClaimsAsync(node);
        Assert.True(node.Claim("new-sick").Phase == "Bound", node.Describe());
        Assert.Equal("Ready", node.PhaseOf(SickNode.Sick));
        await HealAsync(node);
    }

    [Fact]
    public async Task Disk_ThatIsSuspended_LeavesTheVolumeInDoubtAndHoldsUpNobody()
    {
        var node = await nodes.TakeAsync();
        await node.Guest.ScriptAsync("dmsetup suspend --noflush --nolockfs below");

        // The request hangs until the other group's claim has its volume, and is given up only then.
        node.Answered = request =>
        {
            if (request is NodeStorageRequest.CreateLogicalVolume { Group.Value: SickNode.Well })
            {
                node.GiveUp.Cancel();
            }
        };
        await AddClaimsAsync(node);
        node.Answered = null;
        Assert.Equal(SickNode.Well, node.Outcomes.First().Request.VolumeGroup?.Value);
        Assert.Contains(OutcomeKind.InDoubt, node.CreationsInSick());
        Assert.DoesNotContain(OutcomeKind.Done, node.CreationsInSick());
        Assert.True(node.PhaseOf(SickNode.Sick) == "Failed", node.Describe());
        Assert.True(node.Claim("new-sick").SelectedNode is not null, node.Describe());
        await node.CheckKeptAsync("kept-well");
        await node.Guest.ScriptAsync("dmsetup resume below");
        node.Begin();
        await HealAsync(node, wellNow: true);
    }

    [Fact]
    public async Task Group_ThatIsFullBehindTheAgent_SendsTheClaimAway()
    {
        var node = await nodes.TakeAsync();
        await Lvm(node, "lvcreate", "-y", "-l", "100%FREE", "-n", "somebody-elses", SickNode.Sick);
        await AddClaimsAsync(node);
        Assert.Equal(OutcomeKind.NoSpace, Assert.Single(node.CreationsInSick()));
        AssertGivenBack(node);
        Assert.Equal("Ready", node.PhaseOf(SickNode.Sick));
        Assert.Equal("0", node.World.StorageOf(SickNode.Sick)!.Status.Text("free"));
        await Lvm(node, "lvremove", "-y", $"{SickNode.Sick}/somebody-elses");
        await HealAsync(node, wellNow: true);
    }

    private static async Task AddClaimsAsync(SickNode node)
    {
        node.AddClaim("new-sick", SickNode.Sick);
        node.AddClaim("new-well", SickNode.Well);
        await node.SettleAsync();
        Assert.True(node.Claim("new-well").Phase == "Bound", node.Describe());
        Assert.True(node.PhaseOf(SickNode.Well) == "Ready", node.Describe());
    }

    // LVM's answers are clear each time, but none of them is a volume: the claim goes elsewhere, and the report has LVM's words.
    private static void AssertFailing(SickNode node)
    {
        Assert.All(node.CreationsInSick(), kind => Assert.True(kind == OutcomeKind.Unavailable, node.Describe()));
        Assert.True(node.PhaseOf(SickNode.Sick) == "Degraded", node.Describe());
        Assert.Contains("lvcreate", node.ProblemsOf(SickNode.Sick), StringComparison.Ordinal);
        AssertGivenBack(node);
    }

    private static void AssertGivenBack(SickNode node)
    {
        var claim = node.Claim("new-sick");
        Assert.True(claim is { SelectedNode: null, Phase: "Pending" }, node.Describe());
        Assert.NotNull(claim.Annotation(WellKnown.FailedOnAnnotation));
    }

    // The disk is as it should be, and the scheduler gives the claim to the node again: then all is as if nothing had been.
    private async Task HealAsync(SickNode node, bool wellNow = false)
    {
        if (!wellNow)
        {
            await SetTableAsync(node, Healthy);
        }

        await node.AwaitScanAsync();
        if (node.Claim("new-sick").SelectedNode is null)
        {
            node.Reschedule("new-sick");
        }

        await node.SettleAsync();
        Assert.True(node.Claim("new-sick").Phase == "Bound", node.Describe());
        Assert.True(node.PhaseOf(SickNode.Sick) == "Ready", node.Describe());
        await node.CheckKeptAsync("kept-sick", "kept-well");
        await node.CheckVolumesAsync();
        node.World.Delete(node.Claim("new-sick"));
        node.World.Delete(node.Claim("new-well"));
        await node.SettleAsync();
        Assert.True(node.World.Volumes.Count() == 2, node.Describe());
        await node.CheckVolumesAsync();
        nodes.GiveBack();
    }

    // Changes what lies below the sick disk; SIZE stands for its length in sectors, REST for that without the first MiB.
    private static Task SetTableAsync(SickNode node, string table) => node.Guest.ScriptAsync(
        """
        size=$(blockdev --getsz /dev/ubda)
        table=${1//SIZE/$size}
        dmsetup suspend --noflush --nolockfs below
        dmsetup load below <<<"${table//REST/$((size - 2048))}"
        dmsetup resume below
        echo 3 >/proc/sys/vm/drop_caches
        """,
        table);

    private static Task Lvm(SickNode node, params string[] arguments) =>
        node.Guest.RunAsync("lvm", [.. arguments, "--devices", "/dev/loop0,/dev/loop1"]);
}
