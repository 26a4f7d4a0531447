namespace LocalPv.Fake.Api.Store;

/// <summary>StatefulSet objects.</summary>
internal sealed class StatefulSetStrategy : KindStrategy
{
}
