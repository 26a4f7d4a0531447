using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>What controllers ask of a Pod's status.</summary>
public static class PodConditions
{
    /// <summary>Whether a condition of this type holds.</summary>
    public static bool Has(this Pod pod, string condition)
    {
        foreach (var known in (pod.Tree.Map("status")?.List("conditions") ?? JsonList.Empty).Items)
        {
            if (known is JsonMap map && map.Text("type") == condition && map.Text("status") == "True")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether its containers run and are ready.</summary>
    public static bool IsRunningAndReady(this Pod pod) => pod.Phase == "Running" && pod.Has("Ready");

    /// <summary>Whether its containers have ended for good.</summary>
    public static bool HasEnded(this Pod pod) => pod.Phase is "Succeeded" or "Failed";

    /// <summary>
    /// Whether a change says anything to the controllers, where it is one of a Pod: they go by its spec, labels and owners, its phase,
    /// whether it is ready, and whether it is being deleted. What the scheduler writes about a Pod that fits nowhere, and what a kubelet
    /// adds while a Pod starts, is nothing to them.
    /// </summary>
    public static bool IsNewsToControllers(Change change) => change.IsNewsToControllers ??= Judge(change);

    private static bool Judge(Change change) =>
        change is not { Type: ChangeType.Modified, Object: Pod now, Previous: Pod before }
        || now.IsBeingDeleted != before.IsBeingDeleted
        || now.Phase != before.Phase
        || now.Has("Ready") != before.Has("Ready")
        || !Equals(now.Tree["spec"], before.Tree["spec"])
        || !Equals(now.Metadata["labels"], before.Metadata["labels"])
        || !Equals(now.Metadata["ownerReferences"], before.Metadata["ownerReferences"]);
}
