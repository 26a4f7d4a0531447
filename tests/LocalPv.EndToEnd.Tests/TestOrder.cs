using LocalPv.RealLvm.Tests;

[assembly: TestCollectionOrderer("LocalPv.EndToEnd.Tests.TestOrder", "LocalPv.EndToEnd.Tests")]

// Two more than the usual two: many of these tests wait for what a cluster does in its own time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace LocalPv.EndToEnd.Tests;

/// <summary>The collections of this project that take longest.</summary>
public sealed class TestOrder() : LongestFirst("DocumentCommandTests", "SharedCluster");
