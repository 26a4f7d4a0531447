namespace LocalPv.Fake.Api.Store;

/// <summary>Node objects.</summary>
internal sealed class NodeStrategy : KindStrategy
{
}
