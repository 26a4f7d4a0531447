[assembly: TestCollectionOrderer("LocalPv.RealLvm.Tests.TestOrder", "LocalPv.RealLvm.Tests")]

// One more than the usual two: a guest that boots or waits for a disk leaves its core to another.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace LocalPv.RealLvm.Tests;

/// <summary>The classes of this project that take longest.</summary>
public sealed class TestOrder()
    : LongestFirst(
        "NodeCrashTests", "SickDiskTests", "DiskReplacementTests", "GuestVolumeTests", "GuestDifferentialTests", "AgentSweepTests");
