namespace LocalPv.Fake.Api.Store;

/// <summary>Event objects.</summary>
internal sealed class EventStrategy : KindStrategy
{
}
