namespace LocalPv.Fake.Api.Store;

/// <summary>CsiStorageCapacity objects.</summary>
internal sealed class CsiStorageCapacityStrategy : KindStrategy
{
}
