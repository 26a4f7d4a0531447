using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>The requests the scheduler sends to the API server, as it words them.</summary>
internal sealed class SchedulerWrites(string schedulerName)
{
    private const int NoteLimit = 1024;
    private const string Ellipsis = " ...";
    private const int NanosecondsPerTick = 100;
    private long _events;

    /// <summary>Tells others where a Pod is about to go; null takes it back.</summary>
    public static ClusterRequest Nominate(Pod pod, string? node) => new ClusterRequest.Patch(
        ResourceTypes.Pods,
        pod.Key,
        JsonMap.Of(("status", JsonMap.Of(("nominatedNodeName", node is null ? JsonNull.Instance : new JsonText(node))))),
        "status");

    /// <summary>Says on a Pod that it goes to make room.</summary>
    public static ClusterRequest Disrupt(Instant now, Pod pod, string schedulerName)
    {
        var others = ((pod.Tree.At("status", "conditions") as JsonList)?.Items ?? [])
            .Where(one => (one as JsonMap)?.Text("type") != "DisruptionTarget");
        var condition = JsonMap.Of(
            ("type", "DisruptionTarget"),
            ("observedGeneration", pod.Generation > 0 ? pod.Generation : null),
            ("status", "True"),
            ("lastProbeTime", JsonNull.Instance),
            ("lastTransitionTime", now.ToRfc3339()),
            ("reason", "PreemptionByScheduler"),
            ("message", $"{schedulerName}: preempting to accommodate a higher priority pod"));
        var status = JsonMap.Of(("conditions", new JsonList([.. others, condition])));
        return new ClusterRequest.Patch(ResourceTypes.Pods, pod.Key, JsonMap.Of(("status", status)), "status");
    }

    /// <summary>
    /// Says on a Pod why it has no node, and to which it is to go: to the one of <paramref name="nomination"/>, to none where that is
    /// empty, to the one it already says where it is null. Null where the Pod says all this already. The condition keeps the time of its
    /// last transition while its status stays the same.
    /// </summary>
    public static ClusterRequest? Fail(Instant now, Pod pod, string reason, string message, string? nomination)
    {
        var conditions = (pod.Tree.At("status", "conditions") as JsonList)?.Items ?? [];
        var index = conditions.IndexOf(conditions.FirstOrDefault(one => (one as JsonMap)?.Text("type") == "PodScheduled")!);
        var old = index < 0 ? null : (JsonMap)conditions[index];
        var condition = JsonMap.Of(
            ("type", "PodScheduled"),
            ("observedGeneration", pod.Generation > 0 ? pod.Generation : null),
            ("status", "False"),
            ("lastProbeTime", JsonNull.Instance),
            ("lastTransitionTime", old?.Text("status") == "False" ? old["lastTransitionTime"] : now.ToRfc3339()),
            ("reason", reason),
            ("message", message));
        var nominated = (pod.Tree.At("status", "nominatedNodeName") as JsonText)?.Value ?? "";
        var isNominationNew = nomination is not null && nomination != nominated;
        var isSame = old is not null && SaysTheSame(old, condition);
        if (isSame && !isNominationNew)
        {
            return null;
        }

        var status = JsonMap.Empty;
        if (!isSame)
        {
            status = status.With("conditions", new JsonList(index < 0 ? conditions.Add(condition) : conditions.SetItem(index, condition)));
        }

        if (isNominationNew)
        {
            status = status.With("nominatedNodeName", nomination!.Length == 0 ? JsonNull.Instance : new JsonText(nomination));
        }

        return new ClusterRequest.Patch(ResourceTypes.Pods, pod.Key, JsonMap.Of(("status", status)), "status");
    }

    /// <summary>Writes an assumed claim or volume whole, if nobody has changed it.</summary>
    public static ClusterRequest Write(KubernetesObject assumed) => new ClusterRequest.Replace(assumed.Type, assumed.Key, assumed.Tree);

    /// <summary>Gives a Pod its node.</summary>
    public static ClusterRequest Bind(Pod pod, string node) => new ClusterRequest.CreateSubresource(
        ResourceTypes.Pods,
        pod.Key,
        "binding",
        JsonMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Binding"),
            ("metadata", JsonMap.Of(("name", pod.Name), ("namespace", pod.Namespace), ("uid", pod.Uid))),
            ("target", JsonMap.Of(("kind", "Node"), ("name", node)))));

    /// <summary>Reports on a Pod.</summary>
    public ClusterRequest Report(Instant now, Pod pod, string type, string reason, string action, string note)
    {
        var unique = (now.TicksSinceEpoch * NanosecondsPerTick) + (_events++ % NanosecondsPerTick);
        return new ClusterRequest.Create(
            ResourceTypes.Events,
            pod.Namespace,
            JsonMap.Of(
                ("apiVersion", "v1"),
                ("kind", "Event"),
                ("metadata", JsonMap.Of(
                    ("name", pod.Name + "." + unique.ToString("x", CultureInfo.InvariantCulture)),
                    ("namespace", pod.Namespace))),
                ("involvedObject", JsonMap.Of(
                    ("kind", "Pod"),
                    ("namespace", pod.Namespace),
                    ("name", pod.Name),
                    ("uid", pod.Uid),
                    ("apiVersion", "v1"),
                    ("resourceVersion", pod.ResourceVersion))),
                ("reason", reason),
                ("message", note.Length <= NoteLimit ? note : note[..(NoteLimit - Ellipsis.Length)] + Ellipsis),
                ("source", JsonMap.Empty),
                ("firstTimestamp", JsonNull.Instance),
                ("lastTimestamp", JsonNull.Instance),
                ("type", type),
                ("eventTime", now.ToRfc3339Micro()),
                ("action", action),
                ("reportingComponent", schedulerName),
                ("reportingInstance", schedulerName + "-0")));
    }

    private static bool SaysTheSame(JsonMap old, JsonMap condition)
    {
        foreach (var key in (ImmutableArray<string>)["status", "reason", "message", "observedGeneration"])
        {
            if (!Equals(old[key], condition[key]))
            {
                return false;
            }
        }

        return true;
    }
}
