using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>
/// The cluster agent's reads and writes: at most one under way for each object, after a failure none before its time, and none by a process
/// that no longer leads.
/// </summary>
internal sealed class GuardedWrites(Calls calls, ClusterAgentOptions options, Func<bool> isLeader)
{
    private const int LanesMax = 10_000;

    private readonly SortedDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Whether something may be begun for this object.</summary>
    internal bool IsReady(KubernetesObject target) =>
        isLeader() && (!_lanes.TryGetValue(target.Uid, out var lane) || lane.IsReady(calls.Now));

    /// <summary>
    /// Reads one object after the other, and then, if each is as expected, writes. <paramref name="write"/> gets what was read (null where
    /// there is none) and gives the write, or null to leave it.
    /// </summary>
    internal void Begin(
        KubernetesObject target,
        ClusterRequest.Get[] reads,
        Func<KubernetesObject?[], ClusterRequest?> write,
        Action<Outcome<ClusterAnswer>> written)
    {
        var lane = LaneOf(target);
        lane.Begin();
        Read(lane, reads, new KubernetesObject?[reads.Length], 0, write, written);
    }

    /// <summary>The guard of a merge patch: the identity and version of what was read, beside other metadata.</summary>
    internal static JsonMap Guarded(KubernetesObject target, params ReadOnlySpan<(string Key, JsonTree? Value)> metadata) =>
        JsonMap.Of(("metadata", JsonMap.Of(metadata).With("uid", target.Uid).With("resourceVersion", target.ResourceVersion)));

    /// <summary>Takes one finalizer off an object, guarded.</summary>
    internal static ClusterRequest.Patch WithoutFinalizer(KubernetesObject target, string finalizer)
    {
        var rest = target.Finalizers.Where(name => name != finalizer).ToArray();
        JsonTree list = rest.Length == 0 ? JsonNull.Instance : JsonList.OfTexts(rest);
        return new ClusterRequest.Patch(target.Type, target.Key, Guarded(target, ("finalizers", list)));
    }

    private void Read(
        Lane lane,
        ClusterRequest.Get[] reads,
        KubernetesObject?[] found,
        int at,
        Func<KubernetesObject?[], ClusterRequest?> write,
        Action<Outcome<ClusterAnswer>> written)
    {
        if (at < reads.Length)
        {
            calls.Cluster(reads[at], options.ApiTimeout, outcome =>
            {
                if (outcome.TryGetValue(out var answer) || outcome.Kind == OutcomeKind.NotFound)
                {
                    found[at] = answer?.Object;
                    Read(lane, reads, found, at + 1, write, written);
                }
                else
                {
                    lane.Fail(calls.Now, options.Backoff, options.Spread, outcome.RetryAfter);
                }
            });
            return;
        }

        if (!isLeader() || write(found) is not { } request)
        {
            lane.Fail(calls.Now, options.Backoff, options.Spread);
            return;
        }

        calls.Cluster(request, options.ApiTimeout, outcome =>
        {
            if (outcome.Kind is OutcomeKind.Done or OutcomeKind.NotFound)
            {
                lane.Succeed();
            }
            else
            {
                lane.Fail(calls.Now, options.Backoff, options.Spread, outcome.RetryAfter);
            }

            written(outcome);
        });
    }

    private Lane LaneOf(KubernetesObject target)
    {
        if (_lanes.TryGetValue(target.Uid, out var lane))
        {
            return lane;
        }

        if (_lanes.Count >= LanesMax)
        {
            foreach (var idle in _lanes.Where(entry => entry.Value.IsReady(calls.Now)).Select(entry => entry.Key).ToArray())
            {
                _lanes.Remove(idle);
            }
        }

        _lanes.Add(target.Uid, lane = new Lane());
        return lane;
    }
}
