using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using static LocalPv.Core.Agents.GuardedWrites;

namespace LocalPv.Core.Agents;

/// <summary>
/// Turns a <see cref="VolumeStep"/> into its one effect, and the outcome into what is remembered. At most one effect for each volume.
/// </summary>
internal sealed partial class VolumeSteps(
    Calls calls, NodeAgentOptions options, NodeWatches watches, StorageView storage, EventRecorder events, Action<ClaimUid> markDirty)
{
    internal long Provisioned { get; private set; }

    internal long GivenBack { get; private set; }

    /// <summary>Called with each claim that was given back, and what it remembers of it.</summary>
    internal Action<PersistentVolumeClaim, FailedOn> WasGivenBack { get; set; } = (_, _) => { };

    internal void Begin(VolumeWork work, VolumeStep step, VolumeSituation situation)
    {
        work.InFlight = true;
        switch (step)
        {
            case VolumeStep.ReadClaim read:
                Ask(work, new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, read.Key),
                    outcome => OnClaimRead(work, outcome, read.Uid ?? work.Uid.Value));
                break;
            case VolumeStep.ReadVolume:
                Ask(work, new ClusterRequest.Get(ResourceTypes.PersistentVolumes, KeyOf(work)), outcome => OnVolumeRead(work, outcome));
                break;
            case VolumeStep.CreateVolume create:
                CreateVolume(work, create, situation);
                break;
            case VolumeStep.ReleaseNode release:
                ReleaseNode(work, release);
                break;
            case VolumeStep.AddFinalizer add:
                PatchVolume(work, add.Volume, [.. add.Volume.Finalizers, WellKnown.LogicalVolumeFinalizer]);
                break;
            case VolumeStep.RemoveFinalizer remove:
                PatchVolume(work, remove.Volume, [.. remove.Volume.Finalizers.Where(name => name != WellKnown.LogicalVolumeFinalizer)]);
                break;
            case VolumeStep.DeleteVolume delete:
                Ask(
                    work,
                    new ClusterRequest.Delete(
                        ResourceTypes.PersistentVolumes, KeyOf(work), delete.Volume.Uid, delete.Volume.ResourceVersion),
                    outcome => OnVolumeWritten(work, outcome));
                break;
            case VolumeStep.WriteCapacity write:
                Ask(work, new ClusterRequest.Patch(ResourceTypes.PersistentVolumes, KeyOf(work), Guarded(write.Volume).With(
                    "spec", JsonMap.Of(("capacity", JsonMap.Of(("storage", Quantity.Format(write.Capacity))))))),
                    outcome => OnVolumeWritten(work, outcome, "VolumeResized", $"The volume has {write.Capacity} now."));
                break;
            case VolumeStep.WriteClaimResize write:
                Ask(work, new ClusterRequest.Patch(ResourceTypes.PersistentVolumeClaims, write.Claim.Key, Guarded(write.Claim).With(
                    "status", write.Resize.StatusOf(write.Claim, write.Capacity, calls.Now)), "status"),
                    outcome => OnClaimWritten(work, write.Claim.Key, outcome));
                break;
            default:
                ChangeStorage(work, step);
                break;
        }
    }

    private static ObjectKey KeyOf(VolumeWork work) => ObjectKey.ClusterScoped(VolumeMachine.NameOf(work.Uid));

    private void Ask(VolumeWork work, ClusterRequest request, Action<Outcome<ClusterAnswer>> answered) =>
        calls.Cluster(request, options.ApiTimeout, outcome =>
        {
            work.InFlight = false;
            answered(outcome);
            markDirty(work.Uid);
        });

    private void BackOff(VolumeWork work, TimeSpan? asked = null)
    {
        var failures = work.Memory.Failures + 1;
        var wait = options.Backoff.After(failures, options.Spread, asked);
        work.Memory = work.Memory with { Failures = failures, NotBefore = calls.Now + wait };
    }

    // A write that met a newer object, or whose end is not known, is worth another look at once: usually a race was lost. One that fails
    // so again and again is no race (a webhook that fails, another who undoes it), and is tried less and less often.
    private void Stumble(VolumeWork work)
    {
        var failures = work.Memory.Failures + 1;
        work.Memory = work.Memory with
        {
            Failures = failures,
            NotBefore = failures == 1 ? calls.Now : calls.Now + options.Backoff.After(failures - 1, options.Spread),
        };
    }

    private void OnClaimRead(VolumeWork work, Outcome<ClusterAnswer> outcome, string uid)
    {
        if (outcome.TryGetValue(out var answer) && answer.Object is PersistentVolumeClaim claim && (uid.Length == 0 || claim.Uid == uid))
        {
            work.Memory = work.Memory with
            {
                ClaimRead = Sighting.Seen,
                ReadClaim = claim,
                ClaimReadAt = calls.Now,
                ClaimInDoubt = null,
            };
        }
        else if (outcome.IsDone || outcome.Kind == OutcomeKind.NotFound)
        {
            // A claim of that name with another uid is another claim: ours is gone, and its uid never comes back.
            work.Memory = work.Memory with
            {
                ClaimRead = Sighting.Gone,
                ReadClaim = null,
                ClaimReadAt = calls.Now,
                ClaimInDoubt = null,
            };
            work.Claim = uid == work.Uid.Value ? null : work.Claim;
        }
        else
        {
            BackOff(work, outcome.RetryAfter);
        }
    }

    private void OnVolumeRead(VolumeWork work, Outcome<ClusterAnswer> outcome)
    {
        if (outcome.TryGetValue(out var answer) && answer.Object is PersistentVolume volume)
        {
            work.Memory = work.Memory with
            {
                VolumeRead = Sighting.Seen,
                ReadVolume = volume,
                VolumeReadAt = calls.Now,
                VolumeInDoubt = false,
            };
        }
        else if (outcome.Kind == OutcomeKind.NotFound)
        {
            work.Memory = work.Memory with
            {
                VolumeRead = Sighting.Gone,
                ReadVolume = null,
                VolumeReadAt = calls.Now,
                VolumeInDoubt = false,
            };
        }
        else
        {
            BackOff(work, outcome.RetryAfter);
        }
    }

    private void CreateVolume(VolumeWork work, VolumeStep.CreateVolume create, VolumeSituation situation)
    {
        var body = VolumeObject.For(
            create.Claim, create.Group, create.LogicalVolume, create.Terms, options.Node, situation.HostName, options.Provisioner);
        Ask(work, new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", body), outcome =>
        {
            if (outcome.IsDone)
            {
                Provisioned++;
                events.Normal(
                    create.Claim, "ProvisioningSucceeded", $"Made volume {VolumeMachine.NameOf(work.Uid)} on node {options.Node}.");
            }
            else if (outcome.Kind is OutcomeKind.Rejected or OutcomeKind.Refused)
            {
                events.Warning(create.Claim, "ProvisioningFailed", $"The PersistentVolume was refused: {outcome.Message}");
            }

            OnVolumeWritten(work, outcome);
        });
    }

    private void ReleaseNode(VolumeWork work, VolumeStep.ReleaseNode release)
    {
        var claim = release.Claim;
        var failed = FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation))
            .With(options.Node, release.Reason, release.Message, calls.Now);
        var annotations = JsonMap.Of(
            (WellKnown.SelectedNodeAnnotation, JsonNull.Instance), (WellKnown.FailedOnAnnotation, failed.ToString()));
        var patch = Guarded(claim, ("annotations", annotations));
        Ask(work, new ClusterRequest.Patch(ResourceTypes.PersistentVolumeClaims, claim.Key, patch), outcome =>
        {
            if (outcome.IsDone)
            {
                GivenBack++;
                work.IsGivenBack = true;
                WasGivenBack(claim, failed);
                events.Warning(claim, "ProvisioningFailed", $"{release.Message} The claim goes back to the scheduler ({release.Reason}).");
            }

            OnClaimWritten(work, claim.Key, outcome);
        });
    }

    private void PatchVolume(VolumeWork work, PersistentVolume volume, string[] finalizers)
    {
        JsonTree list = finalizers.Length == 0 ? JsonNull.Instance : JsonList.OfTexts(finalizers);
        Ask(work, new ClusterRequest.Patch(ResourceTypes.PersistentVolumes, volume.Key, Guarded(volume, ("finalizers", list))),
            outcome => OnVolumeWritten(work, outcome));
    }

    // A write tells what the object is now; a conflict, and an end that is not known, that the copy is old: read before the next write.
    private void OnVolumeWritten(VolumeWork work, Outcome<ClusterAnswer> outcome, string reason = "", string message = "")
    {
        work.Memory = work.Memory.WithoutReads();
        if (outcome.TryGetValue(out var answer))
        {
            work.Memory = work.Memory with { Failures = 0 };
            if (answer.Object is PersistentVolume volume)
            {
                work.Memory = work.Memory with { VolumeRead = Sighting.Seen, ReadVolume = volume, VolumeReadAt = calls.Now };
                watches.Learn(watches.Volumes, volume);
            }

            if (reason.Length > 0 && work.Subject is { } subject)
            {
                events.Normal(subject, reason, message);
            }
        }
        else if (outcome.Kind == OutcomeKind.NotFound)
        {
            Stumble(work);
            OnVolumeRead(work, outcome);
        }
        else
        {
            ReadVolumeNext(work, outcome);
        }
    }

    private void ReadVolumeNext(VolumeWork work, Outcome<ClusterAnswer> outcome)
    {
        if (outcome.Kind is OutcomeKind.Unavailable or OutcomeKind.Rejected or OutcomeKind.Refused)
        {
            BackOff(work, outcome.RetryAfter);
            return;
        }

        Stumble(work);
        work.InFlight = true;
        work.Memory = work.Memory with { VolumeInDoubt = work.Memory.VolumeInDoubt || outcome.Kind == OutcomeKind.InDoubt };
        Ask(work, new ClusterRequest.Get(ResourceTypes.PersistentVolumes, KeyOf(work)), read =>
        {
            OnVolumeRead(work, read);
            if (work.Memory.ReadVolume is { } volume)
            {
                watches.Learn(watches.Volumes, volume);
            }
        });
    }

    private void OnClaimWritten(VolumeWork work, ObjectKey key, Outcome<ClusterAnswer> outcome)
    {
        work.Memory = work.Memory.WithoutReads();
        if (outcome.TryGetValue(out var answer))
        {
            work.Memory = work.Memory with { Failures = 0 };
            watches.Learn(watches.Claims, answer.Object);
        }
        else if (outcome.Kind == OutcomeKind.NotFound)
        {
            Stumble(work);
            OnClaimRead(work, outcome, work.Uid.Value);
        }
        else if (outcome.Kind is OutcomeKind.Conflict or OutcomeKind.InDoubt)
        {
            // The copy is old, and may stay so for a while: the same write would only fail again.
            Stumble(work);
            work.InFlight = true;
            work.Memory = work.Memory with { ClaimInDoubt = outcome.Kind == OutcomeKind.InDoubt ? key : work.Memory.ClaimInDoubt };
            Ask(work, new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, key), read =>
            {
                OnClaimRead(work, read, work.Uid.Value);
                if (work.Memory.ReadClaim is { } claim)
                {
                    watches.Learn(watches.Claims, claim);
                }
            });
        }
        else
        {
            BackOff(work, outcome.RetryAfter);
        }
    }
}
