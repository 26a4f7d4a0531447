using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;
using LocalPv.RealLvm.Tests.Guests;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>
/// An operator follows docs/disk-replacement.md from a disk that works to mirrored volumes that do not, on one node whose agent is at work,
/// and what docs/operate.md says of volumes that nobody asks for.
/// </summary>
public sealed class DiskReplacementTests
{
    private const string Document = "docs/disk-replacement.md";
    private const string Operate = "docs/operate.md";
    private const string SomeVolume = "pvc-0b0e9a52-0000-4000-8000-000000000001";

    /// <summary>
    /// The parts of all documents with commands for a node. All are typed here but those of two: the groups of docs/limits.md need larger
    /// disks (<c>MetadataRoomTests</c> make one, <see cref="PoolCommandTests"/> the pool), and after the loss of a whole group a node
    /// restarts, with which these would be gone (<c>TwoGroupsOfOneNameTests</c> rename one).
    /// </summary>
    [Fact]
    public void Commands_OfAllDocuments_AreTyped() => Assert.Equal(
        [
            (Document, "A disk that is gone"), (Document, "A disk that still works"), (Document, "Mirrored volumes"),
            (Document, "The whole group is gone"),
            ("docs/limits.md", ""),
            (Operate, "Before an older state of the API server is put back"), (Operate, "Commands on a node"),
            (Operate, "Orphans and foreign changes"), (Operate, "Write zeros over what is free"),
        ],
        NodeDocument.All.Order());

    [Fact]
    public async Task Disks_AreReplacedByTheCommandsOfTheDocument()
    {
        await using var node = await DocumentNode.StartAsync(disks: 3, "dm-mirror", "raid1", DocumentNode.Raid);
        var page = new NodeDocument(node, Operate, "Commands on a node");
        Assert.Contains("localpv.io/node=node-a", await page.TypeThroughAsync("vgs"), StringComparison.Ordinal);
        await page.TypeThroughAsync("lvs");
        Assert.True(page.IsAtItsEnd);
        var stays = await node.AddVolumeAsync("stays", DocumentNode.Fast, "10Mi");
        var mirrored = await node.AddVolumeAsync("mirrored", DocumentNode.Mirrored, "4Mi");
        var moves = await node.AddVolumeAsync("moves", DocumentNode.Fast, "10Mi");
        await MoveAsync(node, [stays, mirrored, moves]);
        await LoseDiskAsync(node, stays, mirrored, moves);
        await MarkAsync(node, stays);
    }

    // The group lies on sda and sdb; sdb is replaced by sdc.
    private static async Task MoveAsync(DocumentNode node, PersistentVolume[] volumes)
    {
        var page = new NodeDocument(node, Document, "A disk that still works");
        await node.NameDisksAsync("/dev/sda", "/dev/sdb", "/dev/sdc");
        await node.NameDisksAsync("/dev/sda", "/dev/sdc");
        Assert.Contains("vg fast  InGroup", await page.TypeThroughAsync("localpv disks"), StringComparison.Ordinal);
        await page.TypeThroughAsync("pvchange");
        var closed = await GroupAsync(node, disks: 3);
        Assert.Equal(0, closed.PhysicalVolumes.Single(disk => disk.Path?.Value == "/dev/sdb").FreeExtents.Value);
        Assert.Equal(closed.FreeExtents.Value << 20, Free(node));

        await page.TypeAndCutOffAsync("pvmove /dev/sdb");
        Assert.Equal(Told(closed), Told(await GroupAsync(node, disks: 3)));
        var made = await node.AddVolumeAsync("made", DocumentNode.Fast, "1Mi");
        await page.TypeThroughAsync("pvmove");
        await node.CheckAsync([.. volumes, made]);
        await page.TypeThroughAsync("vgreduce");
        Assert.All((await GroupAsync(node, disks: 2)).PhysicalVolumes, disk => Assert.NotEqual("/dev/sdb", disk.Path?.Value));
        await page.TypeThroughAsync("pvremove");
        Assert.NotEqual(0, await node.LinesOnAsync("/dev/sdb", volumes[^1]));
        await page.TypeThroughAsync("blkdiscard");
        Assert.Equal(0, await node.LinesOnAsync("/dev/sdb", volumes[^1]));
        Assert.True(page.IsAtItsEnd);
        await node.CheckAsync([.. volumes, made]);
        await GroupAsync(node, disks: 2);
        node.World.Delete(node.Claim("made"));
        await node.LookAsync();
    }

    // The group lies on sda and sdc, which comes back once and is then lost; sdb is free.
    private static async Task LoseDiskAsync(
        DocumentNode node, PersistentVolume stays, PersistentVolume mirrored, PersistentVolume lost)
    {
        var page = new NodeDocument(node, Document, "A disk that is gone");
        await node.PullAsync("sdc");
        await node.LookAsync();
        Assert.Equal(("Degraded", 0), (node.StorageOf(DocumentNode.Fast).Phase, Free(node)));
        var now = await node.PutBackAsync("sdc");
        await page.TypeThroughAsync("lvchange --refresh");
        await GroupAsync(node, disks: 2);
        await node.CheckAsync(stays, mirrored, lost);

        // It has a part on the disk that stays, too.
        var spans = await node.AddVolumeAsync("spans", DocumentNode.Fast, "2Mi");
        await node.PullAsync(now);
        await node.LookAsync();
        var listed = await page.TypeThroughAsync("lvs");
        var partial = listed.Split('\n').Where(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, [.., 'p', '-'], ..]);
        Assert.Equal(
            Names(lost, mirrored, spans),
            partial.Select(line => line.Trim().Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));

        var mending = new NodeDocument(node, Document, "Mirrored volumes");
        await mending.TypeThroughAsync("lvconvert", ("/dev/sdc", "/dev/sdb"), (SomeVolume, mirrored.Name));
        await node.DeclareLostAsync(lost);
        await node.DeclareLostAsync(spans);
        var would = await page.TypeThroughAsync("vgreduce --removemissing --force --test");
        Assert.Contains(lost.Name, would, StringComparison.Ordinal);
        Assert.DoesNotContain(stays.Name, would, StringComparison.Ordinal);
        Assert.DoesNotContain(mirrored.Name, would, StringComparison.Ordinal);
        await page.TypeThroughAsync("vgreduce --removemissing --force fast");
        Assert.True(page.IsAtItsEnd);
        await mending.TypeThroughAsync("vgreduce --removemissing");
        Assert.True(mending.IsAtItsEnd);

        await node.NameDisksAsync("/dev/sda", "/dev/sdb");
        var whole = await GroupAsync(node, disks: 2);
        Assert.Equal(Names(stays, mirrored), Names(whole));
        Assert.NotEqual(0, await node.LinesOnAsync("/dev/sda", spans));
        var zeros = new NodeDocument(node, Operate, "Write zeros over what is free");
        await zeros.TypeThroughAsync("lvremove");
        Assert.True(zeros.IsAtItsEnd);
        Assert.Equal(0, await node.LinesOnAsync("/dev/sda", spans));
        await node.CheckAsync(stays, mirrored);
    }

    // A volume that the API server knows nothing of any more is kept where it was marked, until somebody removes it by hand; one whose
    // claim waits again becomes its claim's, with what is on it, and goes with it.
    private static async Task MarkAsync(DocumentNode node, PersistentVolume volume)
    {
        node.World.Seed(
            ResourceTypes.PersistentVolumeClaims, WorldObjects.Claim("again", "1Mi", NodeWorld.Node.Value, DocumentNode.Fast));
        var again = "pvc-" + node.Claim("again").Uid;
        await node.TypeAsync(
            $"""
            lvcreate --yes --size 1m --name {again} --addtag localpv.io --addtag localpv.io/claim={node.Claim("again").Uid} \
              --addtag localpv.io/claim-key=default/again fast
            echo kept | dd of=/dev/fast/{again} conv=fsync status=none
            """);
        var page = new NodeDocument(node, Operate, "Before an older state of the API server is put back");
        await page.TypeThroughAsync("lvchange --addtag");
        Assert.True(page.IsAtItsEnd);
        await node.LookAsync();
        Assert.True(node.Claim("again").VolumeName == again, node.World.Describe());
        Assert.Equal("kept", await node.Guest.ScriptAsync("head -c 4 /dev/fast/$1", again));
        node.World.Delete(node.Claim("again"));
        await node.LookAsync();
        Assert.DoesNotContain(again, Names(await GroupAsync(node, disks: 2)));
        await node.DeclareLostAsync(volume);
        await node.World.SettleAsync(TimeSpan.FromMinutes(3));
        Assert.Contains(volume.Name, Names((await node.GroupAsync())!));
        var orphans = node.StorageOf(DocumentNode.Fast).Report.Conditions.Single(condition => condition.Type == "NoOrphans");
        Assert.Contains(volume.Name, orphans.Message, StringComparison.Ordinal);
        page = new NodeDocument(node, Operate, "Orphans and foreign changes");
        await page.TypeThroughAsync("lvremove", (SomeVolume, volume.Name));
        Assert.True(page.IsAtItsEnd);
        Assert.DoesNotContain(volume.Name, Names(await GroupAsync(node, disks: 2)));
        Assert.Equal(0, await node.LinesOnAsync("/dev/sda", volume));
    }

    // The group as it is after the agent has looked: whole, of so many disks, and reported so.
    private static async Task<VolumeGroup> GroupAsync(DocumentNode node, int disks)
    {
        await node.LookAsync();
        var group = await node.GroupAsync();
        Assert.True(group is { IsComplete: true } && group.PhysicalVolumes.Length == disks, $"{group}\n{node.World.Describe()}");
        Assert.All(
            (string[])[DocumentNode.Fast, DocumentNode.Mirrored],
            name => Assert.True(node.StorageOf(name).Phase == "Ready", node.World.Describe()));
        return group;
    }

    private static IEnumerable<string> Names(params PersistentVolume[] volumes) =>
        volumes.Select(volume => volume.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Names(VolumeGroup group) =>
        group.LogicalVolumes.Select(volume => volume.Name.Value).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Told(VolumeGroup group) =>
        group.LogicalVolumes.Select(volume => $"{volume.Name} {volume.Extents} {volume.Layout} {volume.Active} {volume.Partial}");

    private static long Free(DocumentNode node) => node.StorageOf(DocumentNode.Fast).Report.Free.Value;
}
