[assembly: TestCollectionOrderer("LocalPv.RealLvm.Tests.TestOrder", "LocalPv.RealLvm.Tests")]

namespace LocalPv.RealLvm.Tests;

/// <summary>The classes of this project that take longest.</summary>
public sealed class TestOrder()
    : LongestFirst("NodeCrashTests", "SickDiskTests", "GuestVolumeTests", "GuestDifferentialTests", "AgentSweepTests");
