using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Lvm;

namespace LocalPv.Fake.Tests.Lvm;

public sealed class FakeNodeStorageGroupTests : NodeStorageGroupContract
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new FakeBench(extentsPerDisk);
}

public sealed class FakeNodeStorageVolumeTests : NodeStorageVolumeContract
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new FakeBench(extentsPerDisk);
}

public sealed class FakeNodeStorageDeviceTests : NodeStorageDeviceContract
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new FakeBench(extentsPerDisk);

    protected override void Write(NodeStorageBench bench, ClaimUidOf volume, string text) =>
        ((FakeBench)bench).Lvm.Write(Fast, NameOf(volume.Claim), text);

    protected override IReadOnlyList<string> Read(NodeStorageBench bench, ClaimUidOf volume) =>
        ((FakeBench)bench).Lvm.Read(Fast, NameOf(volume.Claim));

    // The fake knows no blocks: what was written last is the file system.
    protected override void MakeFileSystem(NodeStorageBench bench, ClaimUidOf volume) => Write(bench, volume, "a file system");

    protected override string FindFileSystem(NodeStorageBench bench, ClaimUidOf volume) => string.Concat(Read(bench, volume));

    protected override void Reboot(NodeStorageBench bench) => ((FakeBench)bench).Lvm.Reboot();
}

/// <summary>A fake node with disks of whole extents of 1 MiB, and the first MiB that LVM keeps for itself.</summary>
internal sealed class FakeBench : NodeStorageBench
{
    internal FakeBench(int[] extentsPerDisk)
    {
        foreach (var extents in extentsPerDisk)
        {
            var letter = (char)('b' + Lvm.Disks.Count);
            Lvm.AddDisk($"/dev/sd{letter}", $"disk-{letter}", Bytes.FromMebibytes(extents + 1));
        }

        Disks = [.. Lvm.Disks.Select(disk => new DiskToUse(disk.Path, disk.Id!.Value, disk.Size, WipeSignatures: false))];
        Storage = new FakeNodeStorage(Lvm);
    }

    public FakeLvm Lvm { get; } = new("bench");

    public override INodeStorage Storage { get; }

    public override IReadOnlyList<DiskToUse> Disks { get; }

    public override void Format(DiskToUse disk) => At(disk).Signature = "ext4";

    public override void CreateForeignGroup(VolumeGroupName name, DiskToUse disk) =>
        Lvm.CreateForeignGroup(name, ExtentSize.From(Bytes.FromMebibytes(1)), At(disk));

    public override void CreateForeignVolume(VolumeGroupName group, LogicalVolumeName name, ExtentCount extents) =>
        Lvm.CreateForeignVolume(group, name, extents);

    public override void Unplug(DiskToUse disk) => At(disk).Present = false;

    private FakeDisk At(DiskToUse disk) => Lvm.DiskAt(disk.Path)!;
}
