using LocalPv.Contracts.NodeStorage;

namespace LocalPv.Lvm.Tests;

// One after another: each of these tests starts many programs. Beside them runs what compares lvm2 with the fake.
[CollectionDefinition(nameof(LoopDevices))]
public sealed class LoopDevices;

[Collection(nameof(LoopDevices))]
public sealed class LvmNodeStorageGroupTests : NodeStorageGroupContract
{
    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new LoopBench(extentsPerDisk);
}

[Collection(nameof(LoopDevices))]
public sealed class LvmNodeStorageVolumeTests : NodeStorageVolumeContract
{
    // Each takes about a second.
    protected override int SequencesToTry => 8;

    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new LoopBench(extentsPerDisk);
}
