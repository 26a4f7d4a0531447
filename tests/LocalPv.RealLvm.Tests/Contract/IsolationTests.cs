using System.Globalization;
using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.RealLvm.Tests.Contract;

/// <summary>
/// What one claim wrote, the next one that gets its blocks cannot read: looked at through the raw device, with no file system between.
/// </summary>
public sealed class IsolationTests(BenchGuest guest) : NodeStorageContract, IClassFixture<BenchGuest>
{
    private const string Secret = "secret secret secret secret secret secret secret secret secret.";

    // What a tenant can leave that a tool would believe: a file system, an encrypted disk and a partition table, all at once.
    private const string Signatures =
        """
        mkfs.ext4 -q -F -E nodiscard $1
        printf 'LUKS\xba\xbe\0\1aes\0' | dd of=$1 bs=1 conv=notrunc status=none
        printf '\0\0\2\0\x83\3\4\0\1\0\0\0\0\2\0\0' | dd of=$1 bs=1 seek=446 conv=notrunc status=none
        printf '\x55\xaa' | dd of=$1 bs=1 seek=510 conv=notrunc,fsync status=none
        wipefs --noheadings --output TYPE $1
        """;

    /// <summary>Each layout, with as many extents as fit on two disks of that many.</summary>
    public static TheoryData<string, int, int> Layouts => new()
    {
        { "Linear", 12, 6 }, { "Striped", 12, 6 }, { "Raid1", 5, 6 }, { "Thin", 16, 12 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Volume_AfterAnotherOnTheSameBlocks_ReadsNothingOfIt(string type, int extents, int disk)
    {
        using var bench = (GuestBench)NewBench(disk, disk);
        CreateGroup(bench);
        var layout = LayoutOf(Enum.Parse<LayoutType>(type));
        foreach (var wipe in (WipePolicy[])[WipePolicy.Zero, WipePolicy.Discard, WipePolicy.Signatures])
        {
            CreateVolume(bench, A, extents, layout);
            bench.Script("(yes \"$2\" || true) | dd of=$1 bs=1M iflag=fullblock count=$3 conv=fsync status=none",
                DeviceOf(A), Secret, extents.ToString(CultureInfo.InvariantCulture));
            Assert.True(Secrets(bench, DeviceOf(A)) > 0, "The secret was not written.");
            if (wipe == WipePolicy.Signatures)
            {
                Assert.True(
                    bench.Script(Signatures, DeviceOf(A)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= 3,
                    "The signatures are no signatures.");
            }

            Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, wipe));

            // Every image of a mirror, whichever the next claim would read. A thin pool clears its blocks only when it gives them away.
            if (wipe != WipePolicy.Signatures && layout.Type != LayoutType.Thin)
            {
                Assert.All(bench.Disks, each => Assert.True(
                    Secrets(bench, each.Path.Value) == 0, $"{type}: wiping by {wipe} leaves the secret on {each.Path}."));
            }

            // The weakest policy keeps its weaker promise: nobody finds a signature of the one before.
            CreateVolume(bench, B, extents, layout);
            Assert.True(
                (wipe == WipePolicy.Signatures && layout.Type != LayoutType.Thin) || Secrets(bench, DeviceOf(B)) == 0,
                $"{type}: after wiping by {wipe} the next claim reads the secret.");
            Assert.Equal("", bench.Script("wipefs --noheadings --output TYPE $1", DeviceOf(B)));
            Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Signatures));
        }
    }

    // A kubelet puts a loop device before every block volume of a Pod, and there LVM would see what the Pod wrote into it.
    [Fact]
    public void Volume_WithAVolumeGroupInside_IsNoDiskAndNoGroupToAnybody()
    {
        using var bench = GuestBench.OfAFile(guest, 24);
        string[] names = [Fast.Value, Other.Value];

        // Made elsewhere: here LVM would not make a second group of a name.
        bench.Script(
            """
            for name; do
              truncate -s 8M /run/$name.img
              losetup /dev/loop2 /run/$name.img
              lvm vgcreate --quiet --addtag localpv.io $name /dev/loop2 --devices /dev/loop2
              losetup --detach /dev/loop2
            done
            """,
            [.. names]);
        CreateGroup(bench);
        CreateVolume(bench, A, 8);
        bench.Script("losetup --direct-io=on /dev/loop1 $1", DeviceOf(A));
        Assert.DoesNotContain(Scan(bench).Disks, disk => disk.Path.Value == "/dev/loop1");
        foreach (var name in names)
        {
            bench.Script("dd if=/run/$2.img of=$1 bs=1M oflag=direct status=none; rm /run/$2.img", DeviceOf(A), name);
            Assert.Contains(
                $"{name} localpv.io /dev/loop1",
                bench.Script("lvm vgs --noheadings -o vg_name,vg_tags,pv_name | xargs -n 3"),
                StringComparison.Ordinal);
            var scan = Scan(bench);
            Assert.Equal([Fast], scan.VolumeGroups.Select(seen => seen.Name));
            Assert.DoesNotContain(scan.Disks, disk => disk.Path.Value == "/dev/loop1");
            CreateVolume(bench, B, 4);
            Done<NodeStorageAnswer.Volume>(bench, new NodeStorageRequest.ExtendLogicalVolume(Fast, NameOf(B), B, new ExtentCount(5)));
            Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Zero));
        }
    }

    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new GuestBench(guest, extentsPerDisk);

    private static Layout LayoutOf(LayoutType type) => type switch
    {
        LayoutType.Striped => new Layout(type, Stripes: 2),
        LayoutType.Raid1 => new Layout(type, Mirrors: 1),
        LayoutType.Thin => new Layout(type, OverprovisionPercent: 100),
        _ => Layout.Linear,
    };

    // Past the page cache, which may know what was on the disk before.
    private static int Secrets(GuestBench bench, string device) => int.Parse(
        bench.Script("dd if=$1 bs=1M iflag=direct status=none | grep -a -c secret || true", device), CultureInfo.InvariantCulture);

    private static string DeviceOf(ClaimUid claim) => $"/dev/{Fast}/{NameOf(claim)}";
}
