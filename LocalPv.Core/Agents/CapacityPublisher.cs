using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Publishes a CSIStorageCapacity beside each NodeLocalStorage, after its report: the scheduler does not look at Pods again when a custom
/// resource changes, but does when one of these does. Where a scheduler goes by them alone it compares each claim with
/// <c>maximumVolumeSize</c>: the largest volume that the class could make now, not all that is free.
/// </summary>
internal sealed class CapacityPublisher(
    Calls calls, NodeAgentOptions options, NodeWatches watches, StorageView storage, Action markDirty)
{
    internal void Publish(StorageEntry entry, NodeLocalStorage reported)
    {
        if (watches.Capacities is not { } capacities || watches.Node is not { } node || !entry.Capacity.IsReady(calls.Now)
            || reported.ScanSequence == 0 || reported.IsBeingDeleted)
        {
            return;
        }

        var key = new ObjectKey(options.CapacityNamespace, reported.Name);
        var offered = Offered(entry, reported);
        var most = Largest(entry, reported, offered);
        if (capacities.Find(key) is not { } known)
        {
            Send(entry, new ClusterRequest.Create(
                ResourceTypes.CsiStorageCapacities,
                options.CapacityNamespace,
                StorageObject.CapacityOf(
                    reported, options.CapacityNamespace, node.HostName, Quantity.Format(offered), Quantity.Format(most))));
        }
        else if (IsOfOther(known, reported, node))
        {
            // Class and topology of such an object cannot be changed.
            Send(entry, new ClusterRequest.Delete(known.Type, key, known.Uid, known.ResourceVersion));
        }
        else if (!IsSame(known.Tree.Text("capacity"), offered) || IsOther(entry, known, most))
        {
            var patch = JsonMap.Of(
                ("metadata", JsonMap.Of(("uid", known.Uid), ("resourceVersion", known.ResourceVersion))),
                ("capacity", Quantity.Format(offered)),
                ("maximumVolumeSize", Quantity.Format(most)));
            Send(entry, new ClusterRequest.Patch(known.Type, key, patch));
        }
    }

    private static bool IsSame(string? published, Bytes amount) =>
        Quantity.TryParse(published, out var told, out _) && told == amount;

    private static bool IsOfOther(KubernetesObject known, NodeLocalStorage reported, Node node) =>
        known.Tree.Text("storageClassName") != reported.StorageClassName
        || (known.Tree.At("nodeTopology", "matchLabels", WellKnown.HostNameLabel) as JsonText)?.Value != node.HostName
        || ((known.Metadata.List("ownerReferences")?.Maps().FirstOrDefault())?.Text("uid") is { } owner && owner != reported.Uid);

    private Bytes Offered(StorageEntry entry, NodeLocalStorage reported)
    {
        var status = reported.Report;
        return entry.Spec is not { } spec || status.Phase is not (StoragePhase.Ready or StoragePhase.Degraded)
            || storage.IsHung(spec.VolumeGroup.Name)
            ? Bytes.Zero
            : status.Free.SubtractToZero(spec.Reserve);
    }

    // Another agent of this node, as in a rollout, or an earlier life of this one, may have given a claim back: what it offers less is left
    // alone for as long as that claim may be kept away. Else the two would answer each other without end.
    private bool IsOther(StorageEntry entry, KubernetesObject known, Bytes most)
    {
        if (!Quantity.TryParse(known.Tree.Text("maximumVolumeSize"), out var told, out _) || told >= most || entry.HasLimited)
        {
            entry.LimitedUntil = Instant.Never;
            return !IsSame(known.Tree.Text("maximumVolumeSize"), most);
        }

        entry.LimitedUntil = entry.LimitedUntil == Instant.Never ? calls.Now + FailedOn.KeptAwayMost : entry.LimitedUntil;
        return calls.Now >= entry.LimitedUntil;
    }

    private Bytes Largest(StorageEntry entry, NodeLocalStorage reported, Bytes offered)
    {
        if (offered == Bytes.Zero || reported.Report.VolumeGroup is not { ExtentSize: var extentSize })
        {
            return Bytes.Zero;
        }

        var largest = reported.LargestVolume;
        if (entry.Failed.Least(calls.Now) is not { } failed)
        {
            return largest;
        }

        var less = extentSize.SizeOf(extentSize.ExtentsToHold(failed).SubtractToZero(new ExtentCount(1)));
        return less < largest ? less : largest;
    }

    private void Send(StorageEntry entry, ClusterRequest request)
    {
        entry.Capacity.Begin();
        entry.HasLimited = entry.Failed.Least(calls.Now) is not null;
        calls.Cluster(request, options.ApiTimeout, outcome =>
        {
            if (outcome.TryGetValue(out var answer))
            {
                entry.Capacity.Succeed();
                if (request is not ClusterRequest.Delete)
                {
                    watches.Learn(watches.Capacities, answer.Object);
                }
            }
            else
            {
                entry.Capacity.Fail(calls.Now, options.Backoff, options.Spread, outcome.RetryAfter);
            }

            markDirty();
        });
    }
}
