using LocalPv.RealLvm.Tests;

[assembly: TestCollectionOrderer("LocalPv.Sim.Tests.TestOrder", "LocalPv.Sim.Tests")]

namespace LocalPv.Sim.Tests;

/// <summary>The classes of this project that take longest.</summary>
public sealed class TestOrder() : LongestFirst("DeterminismTests", "ServedClaimSweepTests", "SeedRunTests");
