namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>StatefulSet objects.</summary>
internal sealed class StatefulSetStrategy : KindStrategy
{
}
