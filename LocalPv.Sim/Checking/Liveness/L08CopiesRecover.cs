using LocalPv.Core.Kubernetes;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>L08: after every outage the extender's copies of claims, classes and reports are the API server's again.</summary>
internal sealed class L08CopiesRecover(ExtenderView view)
    : LivenessRule("L08", "Copies recover from every outage.", TimeSpan.FromMinutes(6))
{
    /// <inheritdoc/>
    public override string? Pending() => !view.IsSingle || Truth.IsFresh(ResourceTypes.PersistentVolumeClaims.Kind)
        || Truth.IsFresh(ResourceTypes.StorageClasses.Kind) || !Truth.Up.Any(Actors.IsExtender)
        ? null
        : view.Differs(ResourceTypes.PersistentVolumeClaims, [.. Truth.Claims.Values])
            ?? view.Differs(ResourceTypes.StorageClasses, Truth.Server.Snapshot(ResourceTypes.StorageClasses));
}
