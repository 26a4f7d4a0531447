using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Sim.WhatIf;

/// <summary>
/// The extender of production, shown a cluster as it was when somebody looked at it: answers as the real one would, and takes in what is
/// supposed to happen.
/// </summary>
internal sealed class ClusterPicture
{
    private readonly ExtenderAgent _extender = new(new ExtenderOptions { CapacityNamespace = "" });
    private readonly SortedDictionary<string, long> _watches = new(StringComparer.Ordinal);
    private readonly Instant _now;
    private long _version;

    internal ClusterPicture(ImmutableArray<KubernetesObject> objects)
    {
        _now = Seen(objects);
        _version = objects.Select(one => Version(one.ResourceVersion)).DefaultIfEmpty(0).Max() + 1;
        var started = _extender.Step(_now, new AgentEvent.Started());
        foreach (var list in started.OfType<Effect.CallCluster>())
        {
            ImmutableArray<KubernetesObject> items = [.. objects.Where(one => one.Type == list.Request.Resource)];
            var answer = new ClusterAnswer(null, items, Text(_version), "");
            foreach (var effect in _extender.Step(_now, new AgentEvent.ClusterAnswered(list.Call, list.Request, Outcome.Done(answer))))
            {
                if (effect is Effect.OpenWatch open)
                {
                    _watches.Add(open.Request.Type.Plural, open.Watch);
                }
            }
        }
    }

    /// <summary>What is promised of each volume group and not yet made.</summary>
    internal IReadOnlyList<Core.Capacity.PromiseFigures> Promises() => _extender.Promises();

    /// <summary>On which of the nodes the Pod's storage fits; of these, the one that it suits best; and why not on the others.</summary>
    internal (string? Node, FilterDecision Decision) Place(Pod pod, ImmutableArray<string> nodes)
    {
        if (nodes.IsEmpty)
        {
            return (null, FilterDecision.Failed("no node is left that takes Pods"));
        }

        var request = new FilterRequest(PodToPlace.From(pod), nodes);
        var decision = _extender.Filter(_now, request);
        if (decision.Passed.IsEmpty)
        {
            return (null, decision);
        }

        var scores = _extender.Prioritize(_now, request with { NodeNames = decision.Passed }).Scores;
        return (scores.OrderByDescending(score => score.Score).ThenBy(score => score.Node, StringComparer.Ordinal).First().Node, decision);
    }

    /// <summary>The claim has that node from now on; null stands for a claim that is new.</summary>
    internal PersistentVolumeClaim Choose(PersistentVolumeClaim claim, string? node)
    {
        var isNew = node is null;
        var tree = claim.Tree
            .WithAt(["metadata", "resourceVersion"], Text(++_version))
            .WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], node);
        var changed = new PersistentVolumeClaim(tree);
        _extender.Step(_now, new AgentEvent.WatchDelivered(
            _watches[claim.Type.Plural], isNew ? new WatchSignal.Added(changed) : new WatchSignal.Modified(changed)));
        return changed;
    }

    // A picture is as old as its newest report: what was true then is taken for true.
    private static Instant Seen(ImmutableArray<KubernetesObject> objects)
    {
        var seen = Instant.Epoch;
        foreach (var storage in objects.OfType<NodeLocalStorage>())
        {
            if (Instant.TryParseRfc3339(storage.Status.Text("lastScanTime"), out var scanned))
            {
                seen = Instant.Max(seen, scanned);
            }
        }

        return seen + TimeSpan.FromSeconds(1);
    }

    private static long Version(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
