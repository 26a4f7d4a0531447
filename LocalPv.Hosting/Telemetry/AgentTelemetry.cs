using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Telemetry;

/// <summary>
/// Measures an agent from outside, by what happens to it and what it wants done: how long claims take, which it gives back and why, how
/// its watches do. Called on the agent's turn.
/// </summary>
/// <param name="metrics">Where it counts.</param>
/// <param name="time">Measures silences.</param>
/// <param name="node">The node whose claims are timed; null for an agent that makes no volumes.</param>
public sealed class AgentTelemetry(LocalPvMetrics metrics, TimeProvider time, string? node)
{
    private readonly Dictionary<string, Instant> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _watches = [];
    private readonly ConcurrentDictionary<string, Heard> _heard = new(StringComparer.Ordinal);

    /// <summary>
    /// How long ago each watched resource was last heard of: an event, a bookmark, or a list. A watch that is opened or ends says nothing
    /// of it: one that cannot be opened is tried, and ends, again and again. Any thread.
    /// </summary>
    public IEnumerable<Measurement<double>> Silences() => _heard
        .Select(heard => new Measurement<double>(time.GetElapsedTime(heard.Value.At).TotalSeconds, new KeyValuePair<string, object?>(
            "resource", heard.Key)));

    /// <summary>
    /// Which watched resources were not heard of for longer than <paramref name="limit"/>, for people; empty where all were. Only of those
    /// that bookmarks were heard of: without them a silence may be a cluster in which nothing happens. Any thread.
    /// </summary>
    public string LongSilences(TimeSpan limit)
    {
        var silent = _heard
            .Where(heard => heard.Value.HasBookmarks && time.GetElapsedTime(heard.Value.At) > limit)
            .OrderBy(heard => heard.Key, StringComparer.Ordinal)
            .Select(heard => FormattableString.Invariant($"{heard.Key} for {time.GetElapsedTime(heard.Value.At).TotalSeconds:0} s"))
            .ToArray();
        return silent.Length == 0 ? "" : $"Not heard of: {string.Join(", ", silent)}. See whether the API server is reached and allows "
            + "the watch.";
    }

    /// <summary>Takes in one step of the agent.</summary>
    public void OnStep(Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        switch (happened)
        {
            case AgentEvent.WatchDelivered delivered:
                OnSignal(now, delivered);
                break;
            case AgentEvent.ClusterAnswered answered:
                OnAnswer(now, answered);
                break;
            default:
                break;
        }

        foreach (var effect in effects)
        {
            if (effect is Effect.OpenWatch open)
            {
                OnOpened(open, happened);
            }
            else if (effect is Effect.CloseWatch close)
            {
                _watches.Remove(close.Watch);
            }
        }
    }

    /// <summary>Takes in how long an event waited.</summary>
    public void OnWaited(AgentEvent happened, TimeSpan waited)
    {
        if (happened is AgentEvent.WatchDelivered)
        {
            metrics.WatchEventTaken(waited);
        }
    }

    private void OnOpened(Effect.OpenWatch open, AgentEvent happened)
    {
        var resource = open.Request.Type.GroupResource;
        _watches[open.Watch] = resource;
        var isListed = happened is AgentEvent.ClusterAnswered { Request: ClusterRequest.List list } answered
            && list.Type == open.Request.Type && answered.Outcome.TryGetValue(out _);
        if (isListed || !_heard.ContainsKey(resource))
        {
            Hear(resource, isBookmark: false);
        }
    }

    private void Hear(string resource, bool isBookmark) => _heard[resource] = new Heard(
        time.GetTimestamp(), isBookmark || (_heard.TryGetValue(resource, out var before) && before.HasBookmarks));

    private void OnSignal(Instant now, AgentEvent.WatchDelivered delivered)
    {
        if (!_watches.TryGetValue(delivered.Watch, out var resource))
        {
            return;
        }

        if (delivered.Signal is not WatchSignal.Closed)
        {
            Hear(resource, delivered.Signal is WatchSignal.Bookmark);
        }

        switch (delivered.Signal)
        {
            case WatchSignal.Added { Object: PersistentVolumeClaim added }:
                OnClaim(now, added);
                break;
            case WatchSignal.Modified { Object: PersistentVolumeClaim modified }:
                OnClaim(now, modified);
                break;
            case WatchSignal.Deleted { Object: PersistentVolumeClaim deleted }:
                _claims.Remove(deleted.Uid);
                break;
            case WatchSignal.Closed closed:
                metrics.WatchEnded(resource, closed.Kind);
                break;
            default:
                break;
        }
    }

    private void OnClaim(Instant now, PersistentVolumeClaim claim)
    {
        if (node is not null && claim.SelectedNode == node && claim.VolumeName.Length == 0)
        {
            _claims.TryAdd(claim.Uid, now);
        }
        else
        {
            _claims.Remove(claim.Uid);
        }
    }

    private void OnAnswer(Instant now, AgentEvent.ClusterAnswered answered)
    {
        if (!answered.Outcome.TryGetValue(out var answer))
        {
            return;
        }

        switch (answered.Request)
        {
            case ClusterRequest.List:
                foreach (var listed in answer.Items.OfType<PersistentVolumeClaim>())
                {
                    OnClaim(now, listed);
                }

                break;
            case ClusterRequest.Create when answer.Object is PersistentVolume made && _claims.Remove(made.ClaimUid, out var since):
                metrics.Provisioned("made", now - since);
                break;
            case ClusterRequest.Patch patch when GivenBack(patch) is { } reason:
                metrics.Rescheduled(reason);
                if (answer.Object is { } claim && _claims.Remove(claim.Uid, out var chosen))
                {
                    metrics.Provisioned("given back", now - chosen);
                }

                break;
            default:
                break;
        }
    }

    // The patch that clears the chosen node says why in the same breath; the newest entry is this one's.
    private static string? GivenBack(ClusterRequest.Patch patch) =>
        patch.Changes.At("metadata", "annotations") is JsonMap annotations
        && annotations[WellKnown.SelectedNodeAnnotation] is JsonNull
            ? FailedOn.Read(annotations.Text(WellKnown.FailedOnAnnotation)).Entries.MaxBy(entry => entry.Time)?.Reason ?? "Unknown"
            : null;

    private readonly record struct Heard(long At, bool HasBookmarks);
}
