using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.World;

/// <summary>
/// The view of an API server that has stopped following: what every list on it shows, and the version beyond which it cannot watch. Reads
/// of single objects and writes go through it to the truth, as they do on a real one.
/// </summary>
internal sealed class StaleView(FakeApiServer server)
{
    private static readonly ImmutableArray<ResourceType> Types =
    [
        ResourceTypes.Pods, ResourceTypes.Nodes, ResourceTypes.PersistentVolumeClaims, ResourceTypes.PersistentVolumes,
        ResourceTypes.StorageClasses, ResourceTypes.NodeLocalStorages, ResourceTypes.CsiStorageCapacities,
    ];

    private readonly ImmutableArray<ImmutableArray<KubernetesObject>> _objects = [.. Types.Select(server.Snapshot)];
    private readonly long _revision = server.Revision;

    /// <summary>The list as this view has it; null where it has no copy of its own.</summary>
    internal Outcome<ClusterAnswer>? List(ClusterRequest.List list)
    {
        var index = Types.IndexOf(list.Type);
        if (index < 0 || list.Continue.Length > 0 || !server.Kinds.TryFind(list.Type, out var kind)
            || !LabelSelector.TryParse(list.Selector.Labels, out var labels, out _)
            || !FieldSelector.TryParse(list.Selector.Fields, kind, out var fields, out _))
        {
            return null;
        }

        var selected = _objects[index].Where(item =>
            (list.Selector.Namespace.Length == 0 || item.Namespace == list.Selector.Namespace)
            && labels.Matches(item.Labels) && fields.Matches(item));
        return Outcome.Done(new ClusterAnswer(null, [.. selected], _revision.ToString(CultureInfo.InvariantCulture), ""));
    }

    /// <summary>Why a watch from that version cannot be served; null where it can.</summary>
    internal WatchSignal? WhyNot(string resourceVersion) =>
        long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > _revision
            ? new WatchSignal.Closed(
                OutcomeKind.Unavailable, $"Timeout: Too large resource version: {from}, current: {_revision}")
            : null;
}
