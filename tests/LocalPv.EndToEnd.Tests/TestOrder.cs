using LocalPv.RealLvm.Tests;

[assembly: TestCollectionOrderer("LocalPv.EndToEnd.Tests.TestOrder", "LocalPv.EndToEnd.Tests")]

namespace LocalPv.EndToEnd.Tests;

/// <summary>The collections of this project that take longest.</summary>
public sealed class TestOrder() : LongestFirst("DocumentCommandTests", "SharedCluster");
