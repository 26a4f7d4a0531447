using System.Diagnostics;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

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

    /// <summary>Half of the claims waited less.</summary>
    public TimeSpan Median => At(0.5);

    /// <summary>What it was, for people; begins anew.</summary>
    public string Take()
    {
        var text = FormattableString.Invariant(
            $"from node to volume, {_waits.Count} claims: median {Median.TotalMilliseconds:0.0} ms, ")
            + FormattableString.Invariant($"95th percentile {At(0.95).TotalMilliseconds:0.0} ms");
        _waits.Clear();
        return text;
    }

    private TimeSpan At(double part) => _waits.Order().ElementAt((int)(part * (_waits.Count - 1)));
}
