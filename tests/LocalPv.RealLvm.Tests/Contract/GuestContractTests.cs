using LocalPv.Contracts.NodeStorage;
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
