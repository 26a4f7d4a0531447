using LocalPv.Contracts.NodeStorage;

namespace LocalPv.Lvm.Tests;

// One collection: two benches at a time would take each other's loop devices.
[CollectionDefinition(nameof(LoopDevices), DisableParallelization = true)]
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
