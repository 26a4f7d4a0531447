using System.Diagnostics;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.EndToEnd.Tests.Burst;

/// <summary>
/// How long claims waited for LocalPv: from the commit of the node that the scheduler chose to the commit of the volume. Between them lie
/// the agent's watch, its decision, its requests over HTTP, and an LVM that takes no time. Called with the server's lock held.
/// </summary>
internal sealed class OwnPart
{
    private readonly Dictionary<string, long> _chosen = new(StringComparer.Ordinal);
    private readonly List<TimeSpan> _waits = [];

    /// <summary>Takes a change in.</summary>
    public void Note(Change change)
    {
        switch (change.Object)
        {
            case PersistentVolumeClaim { SelectedNode.Length: > 0, VolumeName.Length: 0 } claim:
                _chosen.TryAdd(claim.Uid, Stopwatch.GetTimestamp());
                break;
            case PersistentVolume volume when _chosen.Remove(volume.ClaimUid, out var since):
                _waits.Add(Stopwatch.GetElapsedTime(since));
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var sorted = _waits.Order().ToArray();
        return sorted.Length == 0 ? "no volumes" : FormattableString.Invariant(
            $"from node to volume, {sorted.Length} claims: median {At(0.5):0.0} ms, 95th percentile {At(0.95):0.0} ms");

        double At(double part) => sorted[(int)(part * (sorted.Length - 1))].TotalMilliseconds;
    }
}
