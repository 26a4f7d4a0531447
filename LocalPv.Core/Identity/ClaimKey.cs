namespace LocalPv.Core.Identity;

/// <summary>Where a PersistentVolumeClaim is found: namespace and name. Not its identity: that is its <see cref="ClaimUid"/>.</summary>
public readonly record struct ClaimKey(string Namespace, string Name)
{
    /// <summary>As people write it: <c>namespace/name</c>.</summary>
    public override string ToString() => Namespace + "/" + Name;
}
