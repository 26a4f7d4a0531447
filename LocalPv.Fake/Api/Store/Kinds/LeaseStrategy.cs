namespace LocalPv.Fake.Api.Store;

/// <summary>Lease objects.</summary>
internal sealed class LeaseStrategy : KindStrategy
{
}
