using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.RealLvm.Tests.Contract;

public sealed class GuestGroupTests(BenchGuest guest) : NodeStorageGroupContract, IClassFixture<BenchGuest>
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new GuestBench(guest, extentsPerDisk);
}

public sealed class GuestVolumeTests(BenchGuest guest) : NodeStorageVolumeContract, IClassFixture<BenchGuest>
{
    // Each takes about eight seconds, and many are tried without devices.
    protected override int SequencesToTry => 2;

    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new GuestBench(guest, extentsPerDisk);
}

public sealed class GuestDeviceTests(BenchGuest guest) : NodeStorageDeviceContract, IClassFixture<BenchGuest>
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new GuestBench(guest, extentsPerDisk);

    // What docs/disk-replacement.md tells to do where a disk with mirrored volumes is lost.
    [Fact]
    public void Mirrored_WhoseDiskIsLost_IsMadeWholeByTheCommandsOfTheDocuments()
    {
        using var bench = (GuestBench)NewBench(8, 8, 8);
        CreateGroup(bench, disks: [0, 1]);
        CreateVolume(bench, A, 3, new Layout(LayoutType.Raid1, Mirrors: 1));
        Write(bench, new(A), "kept");
        bench.Unplug(bench.Disks[1]);
        Done<NodeStorageAnswer.Volume>(bench, new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(A)));
        bench.Script(
            "lvm vgextend --quiet $1 $3 && lvm lvconvert --quiet --yes --repair $1/$2 && lvm vgreduce --quiet --removemissing $1",
            Fast.Value, NameOf(A).Value, bench.Disks[2].Path.Value);
        Assert.True(Scan(bench).Group(Fast)!.IsComplete);
        Assert.True(Seen(bench, A) is { Partial: false, Active: true, Layout.Type: LayoutType.Raid1 });
        Assert.Equal(["kept"], Read(bench, new(A)));
    }

    // A disk fails writes for a while, so that an image of a mirror keeps what the claim wrote and the other is wiped.
    [Fact]
    public void Mirrored_WhoseImageMissesWrites_IsNotRemovedBeforeItsSecretsAreOverwritten()
    {
        using var bench = (GuestBench)NewBench(8, 8);
        bench.Script(
            """
            size=$(blockdev --getsz /dev/loop1)
            losetup --detach /dev/loop1
            dmsetup create below --table "0 $size linear /dev/ubdb 0"
            losetup --direct-io=on /dev/loop1 /dev/mapper/below
            """);
        var second = bench.Disks[1] with { Id = DiskId.Parse("file:/dev/mapper/below") };
        Done<NodeStorageAnswer.Group>(bench, GroupOf(Fast, bench.Disks[0], second));
        CreateVolume(bench, A, 3, new Layout(LayoutType.Raid1, Mirrors: 1));
        Write(bench, new(A), "secret");

        // LVM's metadata lies in the first MiB: the disk is there.
        SetTable(bench, "0 2048 linear /dev/ubdb 0\n2048 REST error");
        Write(bench, new(A), "later");
        SetTable(bench, "0 SIZE linear /dev/ubdb 0");
        Assert.True(Scan(bench).Group(Fast)!.IsComplete);
        var removal = new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Zero);
        var outcome = Run(bench, removal);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains($"lvchange --refresh {Fast}/{NameOf(A)}", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(["later"], Read(bench, new(A)));
        bench.Script("lvm lvchange --quiet --refresh $1", $"{Fast}/{NameOf(A)}");
        Done<NodeStorageAnswer.Removed>(bench, removal);
        Assert.Equal("0\n0\n", bench.Script(
            "for disk in /dev/ubd[ab]; do dd if=$disk bs=1M iflag=direct status=none | grep -a -c -e secret -e later || true; done"));
    }

    // The snapshot is somebody's, and LVM would remove it with the volume. A thin one does not need its volume.
    [Fact]
    public void Volume_WithASnapshot_StaysUntilThatIsGone_AndAThinSnapshotOutlivesIt()
    {
        using var bench = (GuestBench)NewBench(40);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        Write(bench, new(A), "kept");
        bench.Script("modprobe -d /run/modules dm-snapshot; lvm lvcreate --quiet -s -l 2 -n backup $1", $"{Fast}/{NameOf(A)}");
        var outcome = Run(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Zero));
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("backup", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(["kept"], Read(bench, new(A)));
        bench.Script("lvm lvremove --quiet --yes $1", $"{Fast}/backup");
        Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Zero));

        CreateVolume(bench, B, 3, new Layout(LayoutType.Thin, OverprovisionPercent: 200));
        Write(bench, new(B), "thin");
        bench.Script("lvm lvcreate --quiet -s -n backup -kn $1 && lvm lvchange --quiet -ay $2", $"{Fast}/{NameOf(B)}", $"{Fast}/backup");
        Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Zero));
        Assert.Equal("thin", bench.Script("tr -d '\\0 ' <$1 | head -1", $"/dev/{Fast}/backup").Trim());
    }

    // Changes what lies below the second disk; SIZE stands for its length in sectors, REST for that without the first MiB.
    private static void SetTable(GuestBench bench, string table) => bench.Script(
        """
        size=$(blockdev --getsz /dev/mapper/below)
        table=${1//SIZE/$size}
        dmsetup suspend --noflush --nolockfs below
        dmsetup load below <<<"${table//REST/$((size - 2048))}"
        dmsetup resume below
        echo 3 >/proc/sys/vm/drop_caches
        """,
        table);

    // All over the volume, to its last byte: lines of a length that divides its size.
    protected override void Write(NodeStorageBench bench, ClaimUidOf volume, string text) => ((GuestBench)bench).Script(
        "(yes \"$2\" || true) | dd of=$1 bs=1M iflag=fullblock count=$(($(blockdev --getsize64 $1) >> 20)) conv=fsync status=none",
        DeviceOf(volume), text.PadRight(63));

    // Zeros are no line.
    protected override IReadOnlyList<string> Read(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("tr -d '\\0' <$1 | uniq | sort -u", DeviceOf(volume))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    protected override void MakeFileSystem(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("mkfs.ext4 -q -F $1", DeviceOf(volume));

    protected override string FindFileSystem(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("wipefs --noheadings --output TYPE $1", DeviceOf(volume));

    protected override void Reboot(NodeStorageBench bench) => ((GuestBench)bench).Reboot();

    private static string DeviceOf(ClaimUidOf volume) => $"/dev/{Fast}/{NameOf(volume.Claim)}";
}
