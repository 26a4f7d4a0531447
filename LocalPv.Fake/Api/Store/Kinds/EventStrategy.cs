namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Event objects.</summary>
internal sealed class EventStrategy : KindStrategy
{
}
