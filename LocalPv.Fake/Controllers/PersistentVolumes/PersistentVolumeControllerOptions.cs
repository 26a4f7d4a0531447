using LocalPv.Core.Agents;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <summary>How the PV controller behaves; the defaults are those of Kubernetes 1.36.</summary>
public sealed record PersistentVolumeControllerOptions : ControllerOptions
{
    /// <summary>How often everything is looked at again without any change (<c>--pvclaimbinder-sync-period</c>).</summary>
    public TimeSpan ResyncPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether a claim that the copy of the cluster lacks is asked for at the API server before its volume is marked Released, as
    /// upstream does. Without it a copy that lags behind releases volumes that are in use.
    /// </summary>
    public bool AsksBeforeRelease { get; init; } = true;

    /// <summary>
    /// Whether the claim is asked for at the API server once more before a released volume is deleted or marked Failed. Upstream does not:
    /// it decides by its copy alone (kubernetes/kubernetes#142332).
    /// </summary>
    public bool AsksBeforeReclaim { get; init; }

    /// <summary>The wait after a failed provisioning or deletion, before another sync may begin one (<c>goroutinemap</c>).</summary>
    public Backoff OperationBackoff { get; init; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(122));
}
