using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L08: after every outage the extender has been told of all claims and classes that the API server has, and no process of LocalPv goes on
/// knowing an object that is gone.
/// </summary>
internal sealed class L08CopiesRecover(ExtenderView view)
    : LivenessRule("L08", "Copies recover from every outage.", TimeSpan.FromMinutes(6))
{
    /// <summary>The copies that LocalPv's processes keep, and whose they are; null where there are no processes.</summary>
    internal Func<IEnumerable<(string Process, Reflector Copy)>>? Copies { get; set; }

    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var (process, copy) in Copies?.Invoke() ?? [])
        {
            if (copy.IsSynced && !Truth.IsFresh(copy.Type.Kind) && Ghost(copy) is { } ghost)
            {
                return $"{process} still knows {ghost}, which is gone.";
            }
        }

        return !view.IsSingle || Truth.IsFresh(ResourceTypes.PersistentVolumeClaims.Kind)
            || Truth.IsFresh(ResourceTypes.StorageClasses.Kind) || !Truth.Up.Any(Actors.IsExtender)
            ? null
            : view.Differs(ResourceTypes.PersistentVolumeClaims, [.. Truth.Claims.Values])
                ?? view.Differs(ResourceTypes.StorageClasses, Truth.Server.Snapshot(ResourceTypes.StorageClasses));
    }

    private KubernetesObject? Ghost(Reflector copy) =>
        copy.Objects.Values.FirstOrDefault(known => Truth.Server.Find(copy.Type, known.Key) is not { } there || there.Uid != known.Uid);
}
