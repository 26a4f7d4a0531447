using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L10: while a controller runs, somebody holds the lease and renews it. When that was is told by the API server's clock: the time that the
/// holder writes is its own, which may be wrong.
/// </summary>
internal sealed class L10SomebodyLeads()
    : LivenessRule("L10", "While a controller runs, somebody leads.", TimeSpan.FromMinutes(2)), IFollowsObjects
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly ObjectKey Lease = new("localpv-system", "localpv-controller");
    private Instant _renewed;

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object.Type == ResourceTypes.Leases && commit.Change.Object.Key == Lease)
        {
            _renewed = Truth.Now;
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        if (!Truth.Up.Any(Actors.IsController))
        {
            return null;
        }

        var lease = Truth.Server.Find(ResourceTypes.Leases, Lease);
        var holder = (lease?.Tree.At("spec", "holderIdentity") as JsonText)?.Value ?? "";
        return holder.Length > 0 && Truth.Now - _renewed < Longest
            ? null
            : $"nobody has renewed the lease since {(lease is null ? "ever" : _renewed)}.";
    }
}
