using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.StatefulSets;

/// <summary>A StatefulSet as its controller reads it, and the objects it stands for.</summary>
internal sealed class StatefulSet(KubernetesObject source)
{
    private readonly JsonMap _spec = source.Tree.Map("spec") ?? JsonMap.Empty;

    internal KubernetesObject Source { get; } = source;

    internal JsonMap Spec => _spec;

    internal JsonMap Template { get; } = source.Tree.At("spec", "template") as JsonMap ?? JsonMap.Empty;

    /// <summary>The number of the first Pod.</summary>
    internal int Start => Number(_spec.At("ordinals", "start"));

    internal int Replicas => (int)(_spec.Number("replicas") ?? 1);

    /// <summary>Whether Pods come and go one after another, each ready before the next.</summary>
    internal bool IsOrdered => _spec.Text("podManagementPolicy") != "Parallel";

    internal bool UpdatesByItself => (_spec.Map("updateStrategy")?.Text("type") ?? "RollingUpdate") == "RollingUpdate";

    /// <summary>Pods below this number keep their revision.</summary>
    internal int Partition => Number(_spec.At("updateStrategy", "rollingUpdate", "partition"));

    internal bool DeletesClaimsWithSet => _spec.Map("persistentVolumeClaimRetentionPolicy")?.Text("whenDeleted") == "Delete";

    internal bool DeletesClaimsOnScaleDown => _spec.Map("persistentVolumeClaimRetentionPolicy")?.Text("whenScaled") == "Delete";

    /// <summary>The names of the volumes that come from <c>volumeClaimTemplates</c>, in order.</summary>
    internal IEnumerable<JsonMap> ClaimTemplates => _spec.List("volumeClaimTemplates")?.Maps() ?? [];

    internal string NameOf(int ordinal) => Source.Name + "-" + ordinal.ToString(CultureInfo.InvariantCulture);

    internal string ClaimNameOf(JsonMap template, int ordinal) => NameIn(template) + "-" + NameOf(ordinal);

    /// <summary>The number at the end of the name of a Pod of this set; -1 where it is none.</summary>
    internal int OrdinalOf(string podName) =>
        podName.Length > Source.Name.Length + 1
        && podName.StartsWith(Source.Name, StringComparison.Ordinal)
        && podName[Source.Name.Length] == '-'
        && int.TryParse(podName.AsSpan(Source.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal
            : -1;

    /// <summary>The name of the revision of the template as it is now. Upstream hashes the same content another way.</summary>
    internal string Revision()
    {
        var hash = 14695981039346656037UL;
        foreach (var part in Template.ToUtf8())
        {
            unchecked
            {
                hash = (hash ^ part) * 1099511628211UL;
            }
        }

        return Source.Name + "-" + hash.ToString("x16", CultureInfo.InvariantCulture)[..10];
    }

    /// <summary>The claim of a template for one Pod.</summary>
    internal JsonMap ClaimFor(JsonMap template, int ordinal)
    {
        var labels = template.Map("metadata")?.Map("labels") ?? JsonMap.Empty;
        foreach (var (key, value) in _spec.At("selector", "matchLabels") as JsonMap ?? JsonMap.Empty)
        {
            labels = labels.With(key, value);
        }

        return template
            .With("apiVersion", "v1")
            .With("kind", "PersistentVolumeClaim")
            .Without("status")
            .With("metadata", JsonMap.Of(
                ("name", ClaimNameOf(template, ordinal)),
                ("namespace", Source.Namespace),
                ("labels", labels.Count > 0 ? labels : null),
                ("annotations", template.Map("metadata")?["annotations"]),
                ("ownerReferences", DeletesClaimsWithSet ? JsonList.Of(OwnerReference.To(Source, isController: false)) : null)));
    }

    /// <summary>The Pod of a number.</summary>
    internal JsonMap PodFor(int ordinal, string revision)
    {
        var name = NameOf(ordinal);
        var metadata = Template.Map("metadata") ?? JsonMap.Empty;
        var labels = (metadata.Map("labels") ?? JsonMap.Empty)
            .With("statefulset.kubernetes.io/pod-name", name)
            .With("apps.kubernetes.io/pod-index", ordinal.ToString(CultureInfo.InvariantCulture))
            .With("controller-revision-hash", revision);
        var spec = (Template.Map("spec") ?? JsonMap.Empty).With("hostname", name);
        if (_spec.Text("serviceName") is { Length: > 0 } service)
        {
            spec = spec.With("subdomain", service);
        }

        return JsonMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Pod"),
            ("metadata", JsonMap.Of(
                ("name", name),
                ("namespace", Source.Namespace),
                ("labels", labels),
                ("annotations", metadata["annotations"]),
                ("ownerReferences", JsonList.Of(OwnerReference.To(Source, isController: true))))),
            ("spec", spec.With("volumes", VolumesFor(spec, ordinal))));
    }

    // A volume of a claim template takes the place of the template's volume of the same name.
    private JsonList? VolumesFor(JsonMap spec, int ordinal)
    {
        var claims = ClaimTemplates.ToArray();
        var names = new SortedSet<string>(claims.Select(NameIn), StringComparer.Ordinal);
        var kept = (spec.List("volumes")?.Maps() ?? [])
            .Where(volume => !names.Contains(volume.Text("name") ?? ""))
            .Select(volume => (JsonTree)volume);
        var own = claims.Select(template => (JsonTree)JsonMap.Of(
            ("name", NameIn(template)),
            ("persistentVolumeClaim", JsonMap.Of(("claimName", ClaimNameOf(template, ordinal))))));
        JsonTree[] all = [.. own, .. kept];
        return all.Length > 0 ? JsonList.Of(all) : null;
    }

    private static int Number(JsonTree? tree) => tree is JsonNumber number && number.TryGetInt64(out var value) ? (int)value : 0;

    internal static string NameIn(JsonMap template) => template.Map("metadata")?.Text("name") ?? "";
}
