using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Up;

/// <summary>Applies manifests to a cluster: makes what is not there, patches what is.</summary>
/// <param name="api">The cluster.</param>
/// <param name="find">The type of an apiVersion and kind; null where the cluster does not serve it.</param>
internal sealed class ManifestApplier(IClusterApi api, Func<string, string, ResourceType?> find)
{
    /// <summary>
    /// Whether the cluster serves every kind of these objects, or they themselves define it: to be asked before the first is applied, so
    /// that a wrong file changes nothing. A failure names the first that it does not.
    /// </summary>
    public Outcome<Nothing> Judge(IReadOnlyList<Manifest> manifests)
    {
        var defined = manifests.Where(manifest => manifest.Body.Text("kind") == "CustomResourceDefinition").Select(manifest =>
            (manifest.Body.At("spec", "group") as JsonText, manifest.Body.At("spec", "names", "kind") as JsonText)).ToArray();
        foreach (var manifest in manifests)
        {
            var (apiVersion, kind) = (manifest.Body.Text("apiVersion")!, manifest.Body.Text("kind")!);
            if (find(apiVersion, kind) is null
                && !defined.Any(type => type.Item1?.Value == apiVersion.Split('/')[0] && type.Item2?.Value == kind))
            {
                return NotServed(manifest);
            }
        }

        return Outcome.Done(default(Nothing));
    }

    /// <summary>Applies one object. A failure names file, object and what the server said.</summary>
    public async Task<Outcome<Nothing>> ApplyAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        var (apiVersion, kind) = (manifest.Body.Text("apiVersion")!, manifest.Body.Text("kind")!);
        if (find(apiVersion, kind) is not { } type)
        {
            return NotServed(manifest);
        }

        var metadata = manifest.Body.Map("metadata")!;
        var inNamespace = type.Namespaced ? metadata.Text("namespace") ?? "default" : "";
        var body = type.Namespaced ? manifest.Body.WithAt(["metadata", "namespace"], inNamespace) : manifest.Body;
        var outcome = await api.SendAsync(new ClusterRequest.Create(type, inNamespace, body), cancellationToken).ConfigureAwait(false);
        if (outcome.Kind == OutcomeKind.AlreadyExists)
        {
            var key = new ObjectKey(inNamespace, metadata.Text("name")!);
            outcome = await api.SendAsync(new ClusterRequest.Patch(type, key, body), cancellationToken).ConfigureAwait(false);
        }

        return outcome.IsDone ? Outcome.Done(default(Nothing)) : Failed(manifest, outcome.Kind, outcome.Message);
    }

    private static Outcome<Nothing> NotServed(Manifest manifest) => Failed(
        manifest,
        OutcomeKind.NotFound,
        $"the embedded cluster does not serve {manifest.Body.Text("kind")} of {manifest.Body.Text("apiVersion")}; take it out, or define "
            + "it by a CustomResourceDefinition first");

    private static Outcome<Nothing> Failed(Manifest manifest, OutcomeKind kind, string why) =>
        Outcome.Failed<Nothing>(kind, $"{manifest.Source}: {manifest.Name}: {why}");
}
