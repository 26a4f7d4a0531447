using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Hosting.Up;

/// <summary>What is still missing until every claim is Bound and every Pod runs.</summary>
/// <param name="Claims">How many claims there are, those that a StatefulSet still owes included.</param>
/// <param name="Bound">How many of them are Bound.</param>
/// <param name="Pods">How many Pods there are, those that a StatefulSet still owes included.</param>
/// <param name="Running">How many of them run or have ended well.</param>
/// <param name="Missing">What is missing, one line each: the object, its state, and why as far as the cluster says.</param>
internal sealed record Settlement(int Claims, int Bound, int Pods, int Running, IReadOnlyList<string> Missing)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Bound} of {Claims} claims bound, {Running} of {Pods} Pods running");

    /// <summary>Looks at the cluster. The caller holds the server's gate.</summary>
    public static Settlement Of(FakeApiServer server)
    {
        var missing = new List<string>();
        var claims = server.Snapshot(ResourceTypes.PersistentVolumeClaims).OfType<PersistentVolumeClaim>().ToArray();
        foreach (var claim in claims.Where(claim => claim.Phase != "Bound"))
        {
            missing.Add($"pvc {claim.Key} is {claim.Phase}{LastEvent(server, claim)}");
        }

        var pods = server.Snapshot(ResourceTypes.Pods).OfType<Pod>().ToArray();
        foreach (var pod in pods.Where(pod => !Runs(pod)))
        {
            missing.Add($"pod {pod.Key} is {pod.Phase}{(pod.NodeName.Length > 0 ? " on " + pod.NodeName : "")}{LastEvent(server, pod)}");
        }

        var owed = Owed(server, pods, missing);
        return new Settlement(
            claims.Length + owed, claims.Count(claim => claim.Phase == "Bound"), pods.Length + owed, pods.Count(Runs), missing);
    }

    private static bool Runs(Pod pod) => pod.Phase is "Running" or "Succeeded";

    private static int Owed(FakeApiServer server, Pod[] pods, List<string> missing)
    {
        var owed = 0;
        foreach (var set in server.Kinds.TryFind("apps", "v1", "statefulsets", out var kind) ? server.Snapshot(kind.Type) : [])
        {
            var replicas = (set.Tree.At("spec", "replicas") as JsonNumber)?.TryGetInt64(out var count) == true ? count : 1;
            for (var i = 0L; i < replicas; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{set.Name}-{i}");
                if (!pods.Any(pod => pod.Namespace == set.Namespace && pod.Name == name))
                {
                    owed++;
                    missing.Add($"pod {set.Namespace}/{name} of the StatefulSet is not there yet");
                }
            }
        }

        foreach (var deployment in server.Kinds.TryFind("apps", "v1", "deployments", out var kinds) ? server.Snapshot(kinds.Type) : [])
        {
            var replicas = deployment.Tree.Map("spec")?.Number("replicas") ?? 1;
            var made = deployment.Tree.Map("status")?.Number("replicas") ?? 0;
            if (made < replicas)
            {
                missing.Add($"deployment {deployment.Key} has {made} of {replicas} Pods{LastEvent(server, deployment)}");
            }
        }

        return owed;
    }

    private static string LastEvent(FakeApiServer server, KubernetesObject about)
    {
        var last = server.Snapshot(ResourceTypes.Events)
            .Where(happened => happened.Tree.At("involvedObject", "uid") is JsonText uid && uid.Value == about.Uid)
            .OrderBy(happened => happened.Tree.Text("lastTimestamp") ?? happened.Tree.Text("eventTime") ?? "", StringComparer.Ordinal)
            .LastOrDefault();
        return last is null ? "" : $": {last.Tree.Text("reason")}: {last.Tree.Text("message")}";
    }
}
