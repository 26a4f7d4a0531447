using LocalPv.Contracts.NodeStorage;

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

    protected override void Write(NodeStorageBench bench, ClaimUidOf volume, string text) => ((GuestBench)bench).Script(
        "yes \"$2\" | dd of=$1 bs=1M iflag=fullblock conv=fsync status=none || true", DeviceOf(volume), text);

    // The texts that were once written are lines; zeros are none.
    protected override IReadOnlyList<string> Read(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("tr -d '\\0' <$1 | head -c 100M | sort -u", DeviceOf(volume))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    protected override void MakeFileSystem(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("mkfs.ext4 -q -F $1", DeviceOf(volume));

    protected override string FindFileSystem(NodeStorageBench bench, ClaimUidOf volume) =>
        ((GuestBench)bench).Script("wipefs --noheadings --output TYPE $1", DeviceOf(volume));

    protected override void Reboot(NodeStorageBench bench) => ((GuestBench)bench).Reboot();

    private static string DeviceOf(ClaimUidOf volume) => $"/dev/{Fast}/{NameOf(volume.Claim)}";
}
