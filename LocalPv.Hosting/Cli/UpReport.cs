using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Up;

namespace LocalPv.Hosting.Cli;

/// <summary>Prints what happened in the embedded cluster, how it stands, and what to try next.</summary>
internal static class UpReport
{
    /// <summary>Prints the timeline and the claims.</summary>
    public static void Print(TextWriter output, OutputFormat format, UpSession session, Outcome<Nothing> outcome)
    {
        var claims = session.Cluster.Look(Claims);
        var entries = session.Timeline.Entries;
        if (format == OutputFormat.Json)
        {
            output.WriteLine(JsonMap.Of(
                ("settled", outcome.IsDone),
                ("message", outcome.Message),
                ("claims", new JsonList([.. claims.Select(claim => (JsonTree)JsonMap.Of(
                    ("namespace", claim[0]), ("name", claim[1]), ("phase", claim[2]), ("node", claim[3]), ("capacity", claim[4]),
                    ("volume", claim[5])))])),
                ("timeline", new JsonList([.. entries.Select(entry => (JsonTree)entry.ToTree())]))).ToString());
            return;
        }

        // Where nothing happened there is nothing to show: the message that follows says why.
        WriteTable(
            output,
            ["TIME", "WHO", "OBJECT", "EVENT", "WHAT HAPPENED"],
            entries.Select(entry => (IReadOnlyList<string>)
            [
                entry.At.TotalSeconds.ToString("0.000s", CultureInfo.InvariantCulture), entry.Who, entry.About, entry.What, entry.Text,
            ]).ToArray());
        WriteTable(output, ["NAMESPACE", "CLAIM", "STATUS", "NODE", "CAPACITY", "VOLUME"], claims);
    }

    /// <summary>Says how to reach the cluster and what to do with it.</summary>
    public static void PrintNextSteps(TextWriter output, UpSession session, string kubeconfig)
    {
        var steps = session.Cluster.Look(HasTheExamples)
            ? """
                  kubectl describe pvc data-db-0
                  kubectl scale statefulset db --replicas=5
                  kubectl delete pod search && kubectl delete pvc scratch index
                """
            : """
                  kubectl apply -f deploy/examples/      # a class, a StatefulSet and a Pod with claims
                  kubectl rollout status statefulset db
                  kubectl get sc                         # a class of your own: docs/reference/storageclass.md
                """;
        output.WriteLine(
            $$$"""

            The cluster is up at {{{session.Cluster.Connection.Server}}}
            {{{Extender(session)}}} In another terminal:

              export KUBECONFIG={{{kubeconfig}}}
              kubectl get nls                        # the volume groups: capacity, free, phase
              kubectl get pvc,pv,pods -o wide
            {{{steps}}}
              kubectl get events --sort-by=.lastTimestamp

            Ctrl-C ends it; nothing is kept.
            """);
    }

    private static void WriteTable(TextWriter output, IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count > 0)
        {
            PlainTable.Write(output, head, rows);
            output.WriteLine();
        }
    }

    private static bool HasTheExamples(FakeApiServer server) =>
        server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", "data-db-0")) is not null;

    private static string Extender(UpSession session) => session switch
    {
        { IsClusterOnly: true } => "and nothing of LocalPv beside it.",
        { LocalPv.ExtenderAddress: { } address } => $"and its extender at {address}.",
        _ => "without an extender: CSIStorageCapacity objects guide the scheduler.",
    };

    private static IReadOnlyList<IReadOnlyList<string>> Claims(FakeApiServer server)
    {
        var volumes = server.Snapshot(ResourceTypes.PersistentVolumes).OfType<PersistentVolume>()
            .ToDictionary(volume => volume.Name, StringComparer.Ordinal);
        return
        [
            .. server.Snapshot(ResourceTypes.PersistentVolumeClaims).OfType<PersistentVolumeClaim>().Select(claim =>
            {
                var volume = volumes.GetValueOrDefault(claim.VolumeName);
                return (IReadOnlyList<string>)
                    [claim.Namespace, claim.Name, claim.Phase, volume?.HostName ?? "-", volume?.Capacity ?? "-", volume?.Name ?? "-"];
            }),
        ];
    }
}
