using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Namespaces;

/// <summary>
/// The model of <c>pkg/controller/namespace</c>: deletes everything in a namespace that is being deleted, type by type, and takes the
/// namespace's own finalizer away when nothing is left. While something is left it says so in the namespace's conditions, and looks
/// again.
/// </summary>
/// <remarks>Upstream asks discovery which types there are; here they are an option.</remarks>
public sealed class NamespaceController : ControllerAgent
{
    private const string OwnFinalizer = "kubernetes";

    // How long upstream guesses that finalizers take.
    private const long FinalizerEstimateSeconds = 15;

    private readonly Reflector _namespaces;
    private readonly ImmutableArray<ResourceType> _types;
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that empties namespaces of <paramref name="types"/>, in this order; only the namespaced ones count.</summary>
    public NamespaceController(ControllerOptions options, ImmutableArray<ResourceType> types)
        : base("namespace-controller", options)
    {
        _types = [.. types.Where(type => type.Namespaced)];
        _namespaces = Watch(ResourceTypes.Namespaces);
        _worker = Work<ObjectKey>(Sync, parallel: 10, retry: new Backoff(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)));
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (change.After is { IsBeingDeleted: true } doomed)
        {
            // Upstream too waits a moment, so that creations which were let in before the deletion are seen.
            _worker.AddAt(doomed.Key, Now + TimeSpan.FromMilliseconds(100));
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_namespaces.Find(key) is not { IsBeingDeleted: true } doomed || !FinalizersOf(doomed).Contains(OwnFinalizer))
        {
            yield break;
        }

        var left = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var longestGrace = 0L;
        foreach (var type in _types)
        {
            var list = new ClusterCall(new ClusterRequest.List(type, new ObjectSelector(key.Name)));
            yield return list;
            if (!list.Outcome.TryGetValue(out var found))
            {
                if (list.NotFound)
                {
                    continue; // The type is not served (a custom one whose definition is gone).
                }

                yield return TryAgain.Later;
                yield break;
            }

            foreach (var item in found.Items)
            {
                if (!item.IsBeingDeleted)
                {
                    var delete = new ClusterCall(new ClusterRequest.Delete(type, item.Key, item.Uid));
                    yield return delete;
                    if (delete.Succeeded && delete.Object is not { IsBeingDeleted: true })
                    {
                        continue;
                    }

                    longestGrace = Math.Max(longestGrace, delete.Object?.Metadata.Number("deletionGracePeriodSeconds") ?? 0);
                }

                if (item.Finalizers.Any())
                {
                    longestGrace = Math.Max(longestGrace, FinalizerEstimateSeconds);
                }

                left[type.GroupResource] = left.GetValueOrDefault(type.GroupResource) + 1;
            }
        }

        foreach (var step in left.Count == 0 ? Finalize(doomed) : Wait(doomed, left, longestGrace))
        {
            yield return step;
        }
    }

    private static IEnumerable<Awaited> Finalize(KubernetesObject doomed)
    {
        var kept = FinalizersOf(doomed).Where(finalizer => finalizer != OwnFinalizer).ToArray();
        var write = new ClusterCall(new ClusterRequest.Replace(
            ResourceTypes.Namespaces, doomed.Key, doomed.Tree.WithAt(["spec", "finalizers"], JsonList.OfTexts(kept)), "finalize"));
        yield return write;
        if (write.Failed && write.Outcome.Kind != OutcomeKind.NotFound)
        {
            yield return TryAgain.Later;
        }
    }

    // Half of what the longest wait is guessed to be, as upstream does.
    private IEnumerable<Awaited> Wait(KubernetesObject doomed, SortedDictionary<string, int> left, long longestGrace)
    {
        var message = "Some resources are remaining: "
            + string.Join(", ", left.Select(type => $"{type.Key} has {type.Value} resource instances"));
        var known = (doomed.Tree.At("status", "conditions") as JsonList)?.Maps() ?? [];
        if (!known.Any(condition => condition.Text("type") == "NamespaceContentRemaining" && condition.Text("message") == message))
        {
            var condition = JsonMap.Of(
                ("type", "NamespaceContentRemaining"),
                ("status", "True"),
                ("reason", "SomeResourcesRemain"),
                ("message", message),
                ("lastTransitionTime", Now.ToRfc3339()));
            yield return new ClusterCall(new ClusterRequest.Patch(
                ResourceTypes.Namespaces,
                doomed.Key,
                JsonMap.Of(("status", JsonMap.Of(("conditions", JsonList.Of(condition))))),
                "status"));
        }

        if (longestGrace > 0)
        {
            yield return TryAgain.AtMoment(Now + TimeSpan.FromSeconds((longestGrace / 2) + 1));
        }

        yield return TryAgain.Later;
    }

    private static IEnumerable<string> FinalizersOf(KubernetesObject found) =>
        (found.Tree.At("spec", "finalizers") as JsonList)?.Texts() ?? [];
}
