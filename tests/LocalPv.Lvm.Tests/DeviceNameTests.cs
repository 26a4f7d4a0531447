using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Ports;

namespace LocalPv.Lvm.Tests;

/// <summary>By which names and identities a scan knows a device.</summary>
public sealed class DeviceNameTests
{
    // A cloud has folders of its own, and so may an administrator have links.
    [Fact]
    public async Task Scan_KnowsADiskByEveryLinkToIt()
    {
        var files = new PaperFiles().WithDisk("sdb", "B").WithDisk("sdc", "C");
        string[] links = ["/dev/disk/azure/data/by-lun/0", "/dev/disk/by-id/scsi-B", "/dev/disk/by-partuuid/1", "/dev/for-data"];
        foreach (var link in links)
        {
            files.WithLink(link, "/dev/sdb");
        }

        var disks = await ScanAsync(files);
        Assert.Equal(links, disks[0].Links.Select(link => link.Value));
        Assert.Empty(disks[1].Links);
    }

    // Neither tells a number of hardware.
    [Fact]
    public async Task Scan_OfAMultipathDeviceAndAnMdArray_KnowsThemByTheirUuids()
    {
        var files = PaperFiles.Recorded.WithDisk("md126", "").WithDisk("md127", "")
            .WithLink("/dev/disk/by-id/dm-uuid-mpath-3600a0b80", "/dev/dm-1").WithLink("/dev/mapper/mpatha", "/dev/dm-1");
        files["/sys/class/block/md126/md/uuid"] = "5F1A0b80-0001";
        files["/run/udev/data/b" + files.ReadText("/sys/class/block/md127/dev")] = "E:MD_UUID=5f1a0b80:0002";
        var disks = await ScanAsync(files);
        Assert.Equal(
            ["/dev/mapper/mpatha uuid:mpath-3600a0b80", "/dev/md126 uuid:5f1a0b800001", "/dev/md127 uuid:5f1a0b800002"],
            disks.Where(disk => disk.Path.Value.Contains("/m", StringComparison.Ordinal)).Select(disk => $"{disk.Path} {disk.Id}"));
        Assert.Equal("/dev/disk/by-id/dm-uuid-mpath-3600a0b80", Assert.Single(disks[0].Links).Value);
    }

    private static async Task<ImmutableArray<ObservedDisk>> ScanAsync(PaperFiles files)
    {
        var runner = new ScriptedRunner().Answer("fullreport", """{"report":[]}""");
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner, files)
            .RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        return Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan.Disks;
    }
}
