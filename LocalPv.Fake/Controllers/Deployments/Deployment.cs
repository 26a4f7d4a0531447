using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Deployments;

/// <summary>A Deployment as its controller reads it.</summary>
internal sealed class Deployment(KubernetesObject source)
{
    internal const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    internal const string HashLabel = "pod-template-hash";

    private const string HashLetters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly JsonMap _spec = source.Tree.Map("spec") ?? JsonMap.Empty;

    internal KubernetesObject Source { get; } = source;

    internal long Replicas => _spec.Number("replicas") ?? 1;

    internal bool IsPaused => _spec.Boolean("paused") == true;

    internal bool Recreates => _spec.Map("strategy")?.Text("type") == "Recreate";

    /// <summary>How long the roll-out may stand still.</summary>
    internal TimeSpan ProgressDeadline => TimeSpan.FromSeconds(_spec.Number("progressDeadlineSeconds") ?? 600);

    /// <summary>How many old ReplicaSets without Pods are kept.</summary>
    internal long HistoryMax => _spec.Number("revisionHistoryLimit") ?? 10;

    internal JsonMap Template => _spec.Map("template") ?? JsonMap.Empty;

    /// <summary>How many Pods there may be beyond the wish: a share is rounded up.</summary>
    internal long SurgeMax => Share("maxSurge", roundUp: true);

    /// <summary>How many Pods of the wish may be missing: a share is rounded down; one, where both would be none.</summary>
    internal long UnavailableMax
    {
        get
        {
            var share = Share("maxUnavailable", roundUp: false);
            return share == 0 && SurgeMax == 0 ? 1 : share;
        }
    }

    /// <summary>Whether a ReplicaSet is that of the template as it is now.</summary>
    internal bool IsNewest(KubernetesObject set)
    {
        var template = set.Tree.At("spec", "template") as JsonMap ?? JsonMap.Empty;
        var labels = template.At("metadata", "labels") as JsonMap ?? JsonMap.Empty;
        return template.WithAt(["metadata", "labels"], labels.Without(HashLabel)).Equals(
            Template.WithAt(["metadata", "labels"], Template.At("metadata", "labels") ?? JsonMap.Empty));
    }

    /// <summary>The ReplicaSet of the template as it is now. Upstream hashes the same content another way.</summary>
    internal JsonMap ReplicaSet(long replicas, long revision)
    {
        var hash = Hash();
        var labels = (Template.At("metadata", "labels") as JsonMap ?? JsonMap.Empty).With(HashLabel, hash);
        return JsonMap.Of(
            ("apiVersion", "apps/v1"),
            ("kind", "ReplicaSet"),
            ("metadata", JsonMap.Of(
                ("name", $"{Source.Name}-{hash}"),
                ("namespace", Source.Namespace),
                ("labels", labels),
                ("annotations", JsonMap.Of((RevisionAnnotation, revision.ToString(CultureInfo.InvariantCulture)))),
                ("ownerReferences", JsonList.Of(OwnerReference.To(Source, isController: true))))),
            ("spec", JsonMap.Of(
                ("replicas", replicas),
                ("selector", (_spec.Map("selector") ?? JsonMap.Empty).WithAt(["matchLabels", HashLabel], hash)),
                ("template", Template.WithAt(["metadata", "labels"], labels)))));
    }

    /// <summary>The number of a ReplicaSet in the history; 0 where it has none.</summary>
    internal static long RevisionOf(KubernetesObject item) =>
        long.TryParse(item.Annotations.Text(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : 0;

    internal static long WishOf(KubernetesObject set) => set.Tree.Map("spec")?.Number("replicas") ?? 0;

    internal static long AvailableOf(KubernetesObject set) => set.Tree.Map("status")?.Number("availableReplicas") ?? 0;

    internal static long ReplicasOf(KubernetesObject set) => set.Tree.Map("status")?.Number("replicas") ?? 0;

    private string Hash()
    {
        var hash = 14695981039346656037UL;
        foreach (var part in Template.ToUtf8())
        {
            unchecked
            {
                hash = (hash ^ part) * 1099511628211UL;
            }
        }

        return string.Create(10, hash, static (letters, rest) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = HashLetters[(int)(rest % (ulong)HashLetters.Length)];
                rest /= (ulong)HashLetters.Length;
            }
        });
    }

    private long Share(string key, bool roundUp)
    {
        var value = _spec.At("strategy", "rollingUpdate", key);
        if (value is JsonNumber number && number.TryGetInt64(out var count))
        {
            return count;
        }

        var percent = value is JsonText text && long.TryParse(
            text.Value.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 25;
        return ((Replicas * percent) + (roundUp ? 99 : 0)) / 100;
    }
}
