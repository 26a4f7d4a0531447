namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Lease objects.</summary>
internal sealed class LeaseStrategy : KindStrategy
{
}
