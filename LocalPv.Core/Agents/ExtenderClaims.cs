using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>Knows which claims are ours, and tells the ledger of them. A part of <see cref="ExtenderAgent"/>.</summary>
internal sealed class ExtenderClaims(CapacityLedger ledger, Reflector classes, Reflector claims, string provisioner)
{
    /// <summary>Takes in a change of a claim.</summary>
    internal void HandleClaim(Instant now, ObjectChange change, bool first)
    {
        if (change.After is PersistentVolumeClaim claim)
        {
            Tell(now, claim, first);
        }
        else if (ClaimUid.TryParse(change.Object.Uid, out var gone))
        {
            ledger.RemoveClaim(now, gone);
        }
    }

    /// <summary>Takes in a change of a class: its claims may have become ours, or somebody else's.</summary>
    internal void HandleClass(Instant now, ObjectChange change, bool first)
    {
        foreach (var claim in claims.Objects.Values.OfType<PersistentVolumeClaim>())
        {
            if (claim.StorageClassName == change.Object.Name)
            {
                Tell(now, claim, first);
            }
        }
    }

    /// <summary>Whether the claim still has to get a volume from us.</summary>
    internal bool IsToBePlaced(PersistentVolumeClaim claim) => claim.VolumeName.Length == 0 && IsOurs(claim);

    private bool IsOurs(PersistentVolumeClaim claim) =>
        claim.StorageClassName is { Length: > 0 } name
        && (Class(name) is { } known ? known.Provisioner == provisioner : claim.Provisioner == provisioner);

    private StorageClass? Class(string name) => classes.Find(ObjectKey.ClusterScoped(name)) as StorageClass;

    private void Tell(Instant now, PersistentVolumeClaim claim, bool first)
    {
        if (!ClaimUid.TryParse(claim.Uid, out var uid))
        {
            return;
        }

        // One that was bound to another's volume by hand gets none from us.
        var foreign = claim.VolumeName.Length > 0 && !VolumeMachine.IsNameOf(claim.VolumeName, claim.Uid);
        if (foreign || !IsOurs(claim) || !StorageClassName.TryParse(claim.StorageClassName, out var name))
        {
            ledger.RemoveClaim(now, uid);
            return;
        }

        var wish = ClaimWish.Read(claim);
        ledger.SetClaim(now, new ClaimDemand(uid, new ClaimKey(claim.Namespace, claim.Name), name, SizeOf(claim, wish))
        {
            SelectedNode = NodeName.TryParse(claim.SelectedNode, out var node) ? node : null,
            Bound = claim.VolumeName.Length > 0,
            Impossible = wish.Error.Length > 0 ? wish.Error : ClassError(name.Value),
            KeptAway = KeptAway(now, claim, uid, first),
        });
    }

    // A volume grows no more once its claim is going: nothing is held back for that.
    private static Bytes SizeOf(PersistentVolumeClaim claim, ClaimWish wish) =>
        claim is { IsBeingDeleted: true, VolumeName.Length: > 0 } && Quantity.TryParse(
            (claim.Tree.At("status", "capacity", "storage") as JsonText)?.Value, out var has, out _)
        && has < wish.Size ? has : wish.Size;

    private string? ClassError(string name) => Class(name) is { VolumeBindingMode: not "WaitForFirstConsumer" } wrong
        ? $"class {name} has volumeBindingMode {wrong.VolumeBindingMode}; LocalPv needs WaitForFirstConsumer"
        : null;

    // The time of a failure is by another machine's clock. A failure that we see happen counts from now; one that was there when we
    // started, from its time, if that is not in the future.
    private ImmutableArray<KeptAway> KeptAway(Instant now, PersistentVolumeClaim claim, ClaimUid uid, bool first)
    {
        var failures = FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation));
        if (failures.Entries.IsEmpty)
        {
            return [];
        }

        var known = ledger.Find(uid)?.Demand.KeptAway ?? [];
        var away = ImmutableArray.CreateBuilder<KeptAway>();
        foreach (var failure in failures.Entries)
        {
            var same = known.FirstOrDefault(entry => entry.Node == failure.Node && entry.FailedAt == failure.Time);
            var from = first ? Instant.Min(failure.Time, now) : now;
            away.Add(same ?? new KeptAway(
                failure.Node, from + (failures.KeptAwayUntil(failure.Node) - failure.Time), failure.Reason, failure.Time));
        }

        return away.ToImmutable();
    }
}
