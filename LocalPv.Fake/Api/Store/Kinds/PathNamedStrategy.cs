namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>RBAC objects: plain, but for their names, such as <c>system:node</c>.</summary>
internal sealed class PathNamedStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override NameRule Names => NameRule.PathSegment;
}
