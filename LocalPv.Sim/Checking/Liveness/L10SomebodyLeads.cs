using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>L10: while a controller runs, somebody holds the lease and renews it.</summary>
internal sealed class L10SomebodyLeads()
    : LivenessRule("L10", "While a controller runs, somebody leads.", TimeSpan.FromMinutes(2))
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override string? Pending()
    {
        if (!Truth.Up.Any(Actors.IsController))
        {
            return null;
        }

        var lease = Truth.Server.Find(ResourceTypes.Leases, new ObjectKey("localpv-system", "localpv-controller"));
        var holder = (lease?.Tree.At("spec", "holderIdentity") as JsonText)?.Value ?? "";
        return Instant.TryParseRfc3339((lease?.Tree.At("spec", "renewTime") as JsonText)?.Value, out var renewed)
            && Truth.Now - renewed < Longest && holder.Length > 0
            ? null
            : $"nobody has renewed the lease since {(lease is null ? "ever" : renewed)}.";
    }
}
