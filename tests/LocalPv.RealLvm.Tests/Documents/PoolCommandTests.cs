using System.Text.RegularExpressions;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Hosting.Doctor;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>What documents and messages tell an operator to type for a thin pool.</summary>
public sealed class PoolCommandTests
{
    private const string Thin = "fast-thin";
    private const string Pool = "fast/localpv-thin";

    [Fact]
    public async Task Pool_GrowsAndIsMendedByTheCommandsThatOperatorsAreTold()
    {
        await using var node = await DocumentNode.StartAsync(disks: 3, "dm-thin-pool");
        node.AddClass(Thin, "thin");
        await node.LookAsync();
        var volume = await node.AddVolumeAsync("thin", Thin, "4Mi");
        await GrowAsync(node);
        await node.CheckAsync(volume);
        await ClearAgainAsync(node);
        await TrimAsync(node);
        await RemoveAsync(node, volume);
    }

    // The pool took all of two disks; a third comes.
    private static async Task GrowAsync(DocumentNode node)
    {
        await node.NameDisksAsync("/dev/sda", "/dev/sdb", "/dev/sdc");
        var (before, metadata) = (Capacity(node), await MetadataAsync(node));
        var page = new NodeDocument(node, "docs/limits.md", "");
        await page.TypeThroughAsync("lvextend --poolmetadatasize", ("+1g", "+1m"));
        Assert.True(await MetadataAsync(node) > metadata);
        await page.TypeThroughAsync("lvextend --extents");
        await node.LookAsync();
        Assert.True(node.StorageOf(Thin).Phase == "Ready", node.World.Describe());

        // A third disk's extents, less those for metadata and for what LVM keeps to mend them.
        Assert.Equal(before + (14 << 20), Capacity(node));
    }

    // Somebody tells the pool to give away blocks as they are.
    private static async Task ClearAgainAsync(DocumentNode node)
    {
        await node.TypeAsync($"lvchange --zero n {Pool}");
        node.World.Seed(ResourceTypes.PersistentVolumeClaims, WorldObjects.Claim("more", "4Mi", NodeWorld.Node.Value, Thin));
        await node.LookAsync();
        var why = node.Claim("more").Annotation(WellKnown.FailedOnAnnotation);
        Assert.True(why is not null, node.World.Describe());
        await node.TypeAsync(Quoted(why, "lvchange"));
        await node.AddVolumeAsync("then", Thin, "4Mi");
    }

    // A volume with a file system whose files were deleted.
    private static async Task TrimAsync(DocumentNode node)
    {
        var device = node.World.Volumes.Single(volume => volume.ClaimUid == node.Claim("then").Uid).LocalPath!;
        await node.TypeAsync(
            $"""
            mkfs.ext4 -q {device}
            mkdir /run/data
            mount {device} /run/data
            dd if=/dev/urandom of=/run/data/a bs=1M count=2 status=none
            """);
        await node.TypeAsync("rm /run/data/a; sync");
        var full = await UsedAsync(node);
        await node.TypeAsync("fstrim /run/data");
        Assert.True(await UsedAsync(node) < full - 1, $"It was {full} % full, and is not less now.");
        await node.TypeAsync("umount /run/data");
    }

    // Nobody asks for it.
    private static async Task RemoveAsync(DocumentNode node, PersistentVolume volume)
    {
        var scan = await node.ScanAsync();
        var known = node.World.Claims.Where(claim => claim.Uid != volume.ClaimUid).Select(claim => ClaimUid.Parse(claim.Uid)).ToHashSet();
        var finding = Assert.Single(
            StorageChecks.Run(scan, known), finding => finding.Check.EndsWith("/orphans", StringComparison.Ordinal));
        await node.TypeAsync(Regex.Match(finding.Remedy, $@"data: (.*{volume.Name})\.").Groups[1].Value);
        Assert.DoesNotContain((await node.GroupAsync())!.LogicalVolumes, left => left.Name.Value == volume.Name);
    }

    private static string Quoted(string message, string program) => Regex.Match(message, $"'({program} [^']+)'").Groups[1].Value;

    private static long Capacity(DocumentNode node) => node.StorageOf(Thin).Report.Capacity.Value;

    private static async Task<double> MetadataAsync(DocumentNode node) => double.Parse(
        await node.TypeAsync($"lvs --noheadings --units m --nosuffix -o lv_metadata_size {Pool}"),
        System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<double> UsedAsync(DocumentNode node) => double.Parse(
        await node.TypeAsync($"lvs --noheadings -o data_percent {Pool}"), System.Globalization.CultureInfo.InvariantCulture);
}
