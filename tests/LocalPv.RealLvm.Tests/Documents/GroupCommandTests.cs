using System.Text.RegularExpressions;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Doctor;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>What documents say in the middle of a sentence, and messages of the agent, to be typed for disks and groups.</summary>
public sealed class GroupCommandTests
{
    private const string Replacement = "docs/disk-replacement.md";
    private const string Operate = "docs/operate.md";
    private const string Migrate = "docs/migrate.md";

    /// <summary>
    /// All are typed below, <c>blkdiscard</c> and <c>localpv disks</c> in <see cref="DiskReplacementTests"/> too, but for two:
    /// <c>MetadataRoomTests</c> extend a group with more room, and Debian's lvm2 has no program for a file of devices.
    /// </summary>
    [Fact]
    public void CommandsInSentences_OfAllDocuments_AreTyped() => Assert.Equal(
        [
            (Replacement, "lvs -o name,copy_percent"), (Replacement, "pvchange -xy /dev/sdb"), (Replacement, "pvmove --abort"),
            (Replacement, "vgextend --restoremissing fast /dev/sdb"),
            ("docs/install.md", "localpv disks --match PATTERN…"),
            ("docs/limits.md", "vgextend --metadatasize 16m"),
            (Migrate, "blkdiscard --zeroout"), (Migrate, "wipefs --all"),
            (Operate, "blkdiscard --zeroout"), (Operate, "localpv disks --volume-group fast"), (Operate, "lvmdevices --adddev"),
            (Operate, "lvrename fast/NAME fast/OTHER"), (Operate, "vgchange --deltag"),
            ("docs/reference/storageclass.md", "blkdiscard --zeroout DISK"),
        ],
        NodeDocument.AllInSentences.Order());

    [Fact]
    public async Task GroupsAndDisks_AreMendedByTheCommandsThatOperatorsAreTold()
    {
        await using var node = await DocumentNode.StartAsync(disks: 5, "dm-mirror");
        var kept = await node.AddVolumeAsync("kept", DocumentNode.Fast, "10Mi");
        await TakeOtherNodesGroupAsync(node);
        await TakeUsedDisksAsync(node);
        await GiveUpMoveAsync(node);
        await TakeBackDiskAsync(node);
        await RenameAsync(node);
        await node.TypeAsync($"{NodeDocument.Sentence(Replacement, "lvs")} fast");
        var disks = NodeDocument.Sentence("docs/install.md", "localpv disks").Replace("PATTERN…", "'/dev/sd*'", StringComparison.Ordinal);
        Assert.Contains("vg fast", await node.TypeAsync(disks), StringComparison.Ordinal);
        await node.CheckAsync(kept);
        await RemoveAsync(node, kept);
    }

    // sdc carries a group that another node has made.
    private static async Task TakeOtherNodesGroupAsync(DocumentNode node)
    {
        await node.TypeAsync("vgcreate --physicalextentsize 1m --addtag localpv.io --addtag localpv.io/node=node-b moved /dev/sdc");
        node.AddClass("moved", "linear", "moved", "\"/dev/sdc\"");
        await node.LookAsync();
        var why = node.StorageOf("moved").Report.Conditions.Single(condition => condition.Type == "VolumeGroupReady").Message;
        var command = Regex.Match(why, "'(vgchange [^']+)'").Groups[1].Value;
        Assert.StartsWith(NodeDocument.Sentence(Operate, "vgchange"), command, StringComparison.Ordinal);
        await node.TypeAsync(command);
        await node.LookAsync();
        Assert.True(node.StorageOf("moved").Phase == "Ready", node.World.Describe());
    }

    // sdd and sde carry a group of somebody else, and then a signature.
    private static async Task TakeUsedDisksAsync(DocumentNode node)
    {
        await node.TypeAsync("vgcreate others /dev/sdd /dev/sde");
        await node.NameDisksAsync("/dev/sda", "/dev/sdb", "/dev/sdd");
        await TypeRemediesAsync(node, "/dev/sdd", "vgreduce");
        await node.LookAsync();
        Assert.Equal("InGroup", StateOf(node, "/dev/sdd").State.ToString());

        await node.NameDisksAsync("/dev/sda", "/dev/sdb", "/dev/sdd", "/dev/sde");
        await TypeRemediesAsync(node, "/dev/sde", "vgremove");
        await node.TypeAsync("mkswap /dev/sde >&2");
        await node.LookAsync();
        var why = StateOf(node, "/dev/sde").Reason;
        var wipe = $"{NodeDocument.Sentence(Migrate, "wipefs")} /dev/sde";
        Assert.Contains($"'{wipe}'", why, StringComparison.Ordinal);
        await node.TypeAsync(wipe);
        await node.LookAsync();
        Assert.Equal("InGroup", StateOf(node, "/dev/sde").State.ToString());
    }

    // What the agent says of a disk that belongs to another group: for the last one of that group, to remove it.
    private static async Task TypeRemediesAsync(DocumentNode node, string disk, string first)
    {
        var told = Regex.Matches(StateOf(node, disk).Reason, "'([^']+)'").Select(found => found.Groups[1].Value).ToList();
        foreach (var program in (string[])[first, "pvremove"])
        {
            await node.TypeAsync(told.Single(command => command.StartsWith(program + " ", StringComparison.Ordinal)));
        }
    }

    private static ReportedDisk StateOf(DocumentNode node, string disk) =>
        node.StorageOf(DocumentNode.Fast).Report.Disks.Single(reported => reported.Path.Value == disk);

    // A move from sda is cut off, and the disk is taken into use again.
    private static async Task GiveUpMoveAsync(DocumentNode node)
    {
        var before = (await node.GroupAsync())!;
        await node.TypeAsync("pvchange -xn /dev/sda");
        await node.TypeAndCutOffAsync("pvmove /dev/sda");
        await node.TypeAsync(NodeDocument.Sentence(Replacement, "pvmove"));
        Assert.DoesNotContain("pvmove", await node.TypeAsync("lvs --all --noheadings -o name fast"), StringComparison.Ordinal);
        await node.TypeAsync(NodeDocument.Sentence(Replacement, "pvchange -xy").Replace("/dev/sdb", "/dev/sda", StringComparison.Ordinal));
        await node.LookAsync();
        Assert.Equal(before.FreeExtents, (await node.GroupAsync())!.FreeExtents);
        Assert.True(node.StorageOf(DocumentNode.Fast).Phase == "Ready", node.World.Describe());
    }

    // lvm2 changes the group while sde is away.
    private static async Task TakeBackDiskAsync(DocumentNode node)
    {
        await node.TypeAsync(
            "lvcreate --yes --extents 1 --name others fast /dev/sdd; lvcreate --yes --extents 1 --name there fast /dev/sde");
        await node.PullAsync("sde");
        await node.TypeAsync("lvremove fast/others");
        var now = await node.PutBackAsync("sde");
        await node.LookAsync();
        Assert.True(node.StorageOf(DocumentNode.Fast).Phase == "Degraded", node.World.Describe());
        await node.TypeAsync(
            NodeDocument.Sentence(Replacement, "vgextend").Replace("/dev/sdb", $"/dev/{now}", StringComparison.Ordinal));
        await node.LookAsync();
        Assert.True((await node.GroupAsync())!.IsComplete);
    }

    // Somebody else's volume has the name of a claim's.
    private static async Task RenameAsync(DocumentNode node)
    {
        node.World.Seed(
            ResourceTypes.PersistentVolumeClaims, WorldObjects.Claim("named", "1Mi", NodeWorld.Node.Value + "-not", DocumentNode.Fast));
        var claim = node.Claim("named");
        await node.TypeAsync($"lvcreate --yes --extents 1 --name pvc-{claim.Uid} fast");
        node.Choose(claim);
        await node.LookAsync();
        Assert.Contains("NameTaken", node.Claim("named").Annotation(WellKnown.FailedOnAnnotation), StringComparison.Ordinal);
        await node.TypeAsync(NodeDocument.Sentence(Operate, "lvrename")
            .Replace("NAME", "pvc-" + claim.Uid, StringComparison.Ordinal).Replace("OTHER", "theirs", StringComparison.Ordinal));
        node.Choose(claim);
        await node.LookAsync();
        Assert.True(node.Claim("named").Phase == "Bound", node.World.Describe());
    }

    // Nobody asks for it, doctor says.
    private static async Task RemoveAsync(DocumentNode node, PersistentVolume volume)
    {
        var known = node.World.Claims.Where(claim => claim.Uid != volume.ClaimUid).Select(claim => ClaimUid.Parse(claim.Uid)).ToHashSet();
        var finding = Assert.Single(
            StorageChecks.Run(await node.ScanAsync(), known), finding => finding.Check.EndsWith("/orphans", StringComparison.Ordinal));
        var command = Regex.Match(finding.Remedy, $@"data: (.*{volume.Name})\.").Groups[1].Value;
        Assert.Contains(NodeDocument.Sentence(Operate, "blkdiscard"), command, StringComparison.Ordinal);
        var disk = (await node.TypeAsync($"lvs --noheadings -o devices fast/{volume.Name}")).Trim().Split('(')[0];
        Assert.NotEqual(0, await node.LinesOnAsync(disk, volume));
        await node.TypeAsync(command);
        Assert.DoesNotContain((await node.GroupAsync())!.LogicalVolumes, left => left.Name.Value == volume.Name);
        Assert.Equal(0, await node.LinesOnAsync(disk, volume));
    }
}
