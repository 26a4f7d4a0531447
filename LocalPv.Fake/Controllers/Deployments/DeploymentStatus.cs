using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Deployments;

/// <summary>What a Deployment's controller reports of it (<c>deployment/sync.go</c>, <c>progress.go</c>).</summary>
internal static class DeploymentStatus
{
    private static readonly string[] Counts = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"];

    /// <summary>
    /// The status now, each number that is zero as null, so that a merge takes it away. <paramref name="deadline"/> is when to look again
    /// whether the roll-out stands still.
    /// </summary>
    internal static JsonMap Of(
        Deployment deployment, List<KubernetesObject> sets, KubernetesObject? newest, Instant now, out Instant deadline)
    {
        var before = deployment.Source.Tree.Map("status") ?? JsonMap.Empty;
        var total = sets.Sum(Deployment.ReplicasOf);
        var available = sets.Sum(Deployment.AvailableOf);
        var updated = newest is null ? 0 : Deployment.ReplicasOf(newest);
        long[] numbers =
        [
            total, updated, sets.Sum(set => set.Tree.Map("status")?.Number("readyReplicas") ?? 0), available,
            Math.Max(0, deployment.Replicas - available),
        ];
        var status = before.With("observedGeneration", deployment.Source.Generation);
        var changed = false;
        for (var i = 0; i < Counts.Length; i++)
        {
            changed |= (before.Number(Counts[i]) ?? 0) != numbers[i];
            status = status.With(Counts[i], numbers[i] > 0 ? numbers[i] : before.Contains(Counts[i]) ? JsonNull.Instance : null);
        }

        var isEnough = available >= deployment.Replicas - deployment.UnavailableMax;
        var isDone = updated == deployment.Replicas && total == updated && available == updated;
        var progress = Progress(deployment, before, newest, isDone, changed, now, out deadline);
        return status.With("conditions", JsonList.Of(
            Condition(
                before,
                "Available",
                isEnough,
                isEnough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                isEnough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
                now),
            progress));
    }

    private static JsonMap Progress(
        Deployment deployment, JsonMap before, KubernetesObject? newest, bool isDone, bool changed, Instant now, out Instant deadline)
    {
        deadline = Instant.Never;
        var name = newest?.Name ?? deployment.Source.Name;
        if (isDone)
        {
            return Condition(
                before, "Progressing", true, "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed.", now);
        }

        var known = Find(before, "Progressing");
        var isUnderWay = known?.Text("reason") is "ReplicaSetUpdated" or "ProgressDeadlineExceeded";
        var since = Instant.TryParseRfc3339(known?.Text("lastUpdateTime"), out var last) ? last : now;
        if (changed || !isUnderWay)
        {
            deadline = now + deployment.ProgressDeadline;
            return Condition(before, "Progressing", true, "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.", now)
                .With("lastUpdateTime", now.ToRfc3339());
        }

        if (now < since + deployment.ProgressDeadline || known!.Text("status") == "False")
        {
            deadline = now < since + deployment.ProgressDeadline ? since + deployment.ProgressDeadline : Instant.Never;
            return known!;
        }

        return Condition(
            before, "Progressing", false, "ProgressDeadlineExceeded", $"ReplicaSet \"{name}\" has timed out progressing.", now);
    }

    private static JsonMap Condition(JsonMap before, string type, bool holds, string reason, string message, Instant now)
    {
        var known = Find(before, type);
        var status = holds ? "True" : "False";
        if (known is not null && known.Text("status") == status && known.Text("reason") == reason && known.Text("message") == message)
        {
            return known;
        }

        return JsonMap.Of(
            ("type", type),
            ("status", status),
            ("lastUpdateTime", now.ToRfc3339()),
            ("lastTransitionTime", known?.Text("status") == status ? known["lastTransitionTime"] : now.ToRfc3339()),
            ("reason", reason),
            ("message", message));
    }

    private static JsonMap? Find(JsonMap status, string type) =>
        status.List("conditions")?.Maps().FirstOrDefault(condition => condition.Text("type") == type);
}
