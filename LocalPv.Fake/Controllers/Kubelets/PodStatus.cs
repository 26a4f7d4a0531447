using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>The statuses that a kubelet reports of a Pod.</summary>
internal sealed class PodStatus(Pod pod, KubeletOptions options, string podAddress)
{
    /// <summary>It was taken in; its containers wait for their volumes.</summary>
    internal JsonMap Waiting(Instant now) => Of(now, "Pending", isReady: false, Containers(
        _ => JsonMap.Of(("waiting", JsonMap.Of(("reason", "ContainerCreating")))), isReady: false));

    /// <summary>Its containers run.</summary>
    internal JsonMap Running(Instant now) => Of(now, "Running", isReady: true, Containers(
        _ => JsonMap.Of(("running", JsonMap.Of(("startedAt", now.ToRfc3339())))), isReady: true))
        .With("podIP", podAddress)
        .With("podIPs", JsonList.Of(JsonMap.Of(("ip", podAddress))));

    /// <summary>Its containers have ended, as they were asked to.</summary>
    internal JsonMap Ended(Instant now) => Of(now, "Succeeded", isReady: false, Containers(
        started => JsonMap.Of(("terminated", JsonMap.Of(
            ("exitCode", 0), ("reason", "Completed"), ("startedAt", started ?? now.ToRfc3339()), ("finishedAt", now.ToRfc3339())))),
        isReady: false));

    private JsonMap Of(Instant now, string phase, bool isReady, JsonList containers)
    {
        var reason = isReady ? null : phase == "Succeeded" ? "PodCompleted" : "ContainersNotReady";
        return JsonMap.Of(
            ("phase", phase),
            ("conditions", JsonList.Of(
                Condition("PodReadyToStartContainers", phase == "Running", null, now),
                Condition("Initialized", true, null, now),
                Condition("Ready", isReady, reason, now),
                Condition("ContainersReady", isReady, reason, now),
                Condition("PodScheduled", true, null, now))),
            ("hostIP", options.Address),
            ("hostIPs", JsonList.Of(JsonMap.Of(("ip", options.Address)))),
            ("startTime", pod.Tree.At("status", "startTime") is JsonText started ? started.Value : now.ToRfc3339()),
            ("containerStatuses", containers));
    }

    // The time of the last transition stays where the condition does.
    private JsonMap Condition(string type, bool holds, string? reason, Instant now)
    {
        var status = holds ? "True" : "False";
        var known = (pod.Tree.At("status", "conditions") as JsonList)?.Maps().FirstOrDefault(condition => condition.Text("type") == type);
        return known?.Text("status") == status && known.Text("reason") == reason
            ? known
            : JsonMap.Of(
                ("type", type),
                ("status", status),
                ("lastProbeTime", JsonNull.Instance),
                ("lastTransitionTime", known?.Text("status") == status ? known["lastTransitionTime"] : now.ToRfc3339()),
                ("reason", reason));
    }

    private JsonList Containers(Func<string?, JsonMap> state, bool isReady)
    {
        var containers = (pod.Tree.At("spec", "containers") as JsonList)?.Maps() ?? [];
        var known = (pod.Tree.At("status", "containerStatuses") as JsonList)?.Maps().ToArray() ?? [];
        return new JsonList([.. containers.Select(container =>
        {
            var name = container.Text("name") ?? "";
            var before = Array.Find(known, status => status.Text("name") == name);
            var started = before?.At("state", "running", "startedAt") is JsonText at ? at.Value : null;
            return (JsonTree)JsonMap.Of(
                ("name", name),
                ("image", container.Text("image") ?? ""),
                ("imageID", ""),
                ("containerID", isReady || started is not null ? "fake://" + pod.Uid + "/" + name : null),
                ("ready", isReady),
                ("started", isReady),
                ("restartCount", before?.Number("restartCount") ?? 0),
                ("state", state(started)),
                ("lastState", JsonMap.Empty));
        })]);
    }
}
