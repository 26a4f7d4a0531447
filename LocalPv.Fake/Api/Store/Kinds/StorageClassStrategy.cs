namespace LocalPv.Fake.Api.Store;

/// <summary>StorageClass objects.</summary>
internal sealed class StorageClassStrategy : KindStrategy
{
}
