namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>CsiStorageCapacity objects.</summary>
internal sealed class CsiStorageCapacityStrategy : KindStrategy
{
}
