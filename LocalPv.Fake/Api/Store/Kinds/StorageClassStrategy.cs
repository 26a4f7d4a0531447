namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>StorageClass objects.</summary>
internal sealed class StorageClassStrategy : KindStrategy
{
}
