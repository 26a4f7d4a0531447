namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Node objects.</summary>
internal sealed class NodeStrategy : KindStrategy
{
}
