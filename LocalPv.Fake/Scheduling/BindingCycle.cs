using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>Where a binding cycle is.</summary>
internal enum BindingStage
{
    Nominating,
    WritingVolumes,
    WritingClaims,
    WaitingForClaims,
    BindingPod,
    Bound,
    Failed,
}

/// <summary>
/// Brings one assumed Pod to its node, beside the scheduling of others: nomination, the writes to volumes and claims one after another
/// (none is taken back when a later one fails), waiting for the claims to be bound, and the binding of the Pod (<c>bindingCycle</c>,
/// <c>BindPodVolumes</c>).
/// </summary>
internal sealed class BindingCycle
{
    private readonly PersistentVolume[] _volumes;
    private readonly ObjectKey[] _volumeClaims;
    private readonly PersistentVolumeClaim[] _claims;
    private readonly SchedulerVersion _version;
    private Instant _giveUpAt;
    private int _next;

    /// <summary>A cycle for a Pod whose claims are assumed as <paramref name="assumed"/>; null where they are bound already.</summary>
    public BindingCycle(QueuedPod pod, string node, PodVolumes? assumed, SchedulerVersion version)
    {
        Pod = pod;
        Node = node;
        Assumed = assumed ?? PodVolumes.None;
        _version = version;
        _volumes = [.. Assumed.Bindings.Select(binding => binding.Volume)];
        _volumeClaims = [.. Assumed.Bindings.Select(binding => binding.Claim.Key)];
        _claims = [.. Assumed.Provisions];
        Stage = assumed is null ? BindingStage.BindingPod
            : version.NominatesBeforeBinding ? BindingStage.Nominating
            : BindingStage.WritingVolumes;
    }

    /// <summary>The Pod.</summary>
    public QueuedPod Pod { get; }

    /// <summary>The node it goes to.</summary>
    public string Node { get; }

    /// <summary>What is assumed of its claims.</summary>
    public PodVolumes Assumed { get; }

    /// <summary>Where it is.</summary>
    public BindingStage Stage { get; private set; }

    /// <summary>Why it failed.</summary>
    public string Error { get; private set; } = "";

    /// <summary>When it next looks at its claims.</summary>
    public Instant PollAt { get; private set; } = Instant.Never;

    /// <summary>The call it waits for; 0 for none.</summary>
    public long Call { get; set; }

    /// <summary>The next request to send, or null where it waits for time to pass or is over.</summary>
    public ClusterRequest? NextRequest(Instant now)
    {
        if (Stage == BindingStage.WritingVolumes && _next == _volumes.Length)
        {
            Stage = BindingStage.WritingClaims;
            _next = 0;
        }

        if (Stage == BindingStage.WritingClaims && _next == _claims.Length)
        {
            Stage = BindingStage.WaitingForClaims;
            PollAt = now + _version.BindPollPeriod;
            _giveUpAt = now + _version.BindTimeout;
        }

        return Stage switch
        {
            BindingStage.Nominating => SchedulerWrites.Nominate(Pod.Needs.Pod, Node),
            BindingStage.WritingVolumes => SchedulerWrites.Write(_volumes[_next]),
            BindingStage.WritingClaims => SchedulerWrites.Write(_claims[_next]),
            BindingStage.BindingPod => SchedulerWrites.Bind(Pod.Needs.Pod, Node),
            _ => null,
        };
    }

    /// <summary>Takes in the answer to the last request.</summary>
    public void TakeIn(Outcome<ClusterAnswer> outcome)
    {
        Call = 0;
        switch (Stage)
        {
            case BindingStage.Nominating:
                // A failed nomination is not critical enough to stop here.
                Stage = BindingStage.WritingVolumes;
                break;
            case BindingStage.WritingVolumes when outcome.TryGetValue(out var answer):
                _volumes[_next] = answer.Object as PersistentVolume ?? _volumes[_next];
                _next++;
                break;
            case BindingStage.WritingClaims when outcome.TryGetValue(out var answer):
                _claims[_next] = answer.Object as PersistentVolumeClaim ?? _claims[_next];
                _next++;
                break;
            case BindingStage.BindingPod when outcome.IsDone:
                Stage = BindingStage.Bound;
                break;
            case BindingStage.BindingPod:
                Fail($"running Bind plugin \"DefaultBinder\": {outcome.Message}");
                break;
            default:
                FailPreBind(outcome.Message);
                break;
        }
    }

    /// <summary>Looks at the claims, if it is time (<c>checkBindings</c>).</summary>
    public void Poll(Instant now, ClusterPicture picture)
    {
        if (Stage != BindingStage.WaitingForClaims || now < PollAt)
        {
            return;
        }

        PollAt = now + _version.BindPollPeriod;
        var (done, error) = Check(picture);
        if (error is null && !done && now >= _giveUpAt)
        {
            error = "context deadline exceeded";
        }

        if (error is not null)
        {
            FailPreBind("binding volumes: " + error);
        }
        else if (done)
        {
            Stage = BindingStage.BindingPod;
            PollAt = Instant.Never;
        }
    }

    private (bool Done, string? Error) Check(ClusterPicture picture)
    {
        var node = picture.FindNode(Node)?.Node;
        if (node is null)
        {
            return (false, $"failed to get node \"{Node}\": node \"{Node}\" not found");
        }

        if (picture.FindPod(Pod.Needs.Pod.Key) is null)
        {
            return (false, $"pod does not exist any more: pod \"{Pod.Needs.Pod.Name}\" not found");
        }

        for (var i = 0; i < _volumes.Length; i++)
        {
            var (done, error) = CheckVolume(picture, node, _volumes[i], _volumeClaims[i]);
            if (!done)
            {
                return (false, error);
            }
        }

        foreach (var written in _claims)
        {
            var (done, error) = CheckClaim(picture, node, written);
            if (!done)
            {
                return (false, error);
            }
        }

        return (true, null);
    }

    private static (bool Done, string? Error) CheckVolume(
        ClusterPicture picture, Node node, PersistentVolume written, ObjectKey claimKey)
    {
        if (picture.Volumes.FindReal(written.Key) is not { } volume)
        {
            return (false, $"failed to check binding: could not find v1.PersistentVolume \"{written.Key}\"");
        }

        if (picture.Claims.FindReal(claimKey) is not { } claim)
        {
            return (false, $"failed to check binding: could not find v1.PersistentVolumeClaim \"{claimKey}\"");
        }

        if (AssumeCache<PersistentVolume>.IsOlder(volume.ResourceVersion, written.ResourceVersion))
        {
            return (false, null);
        }

        if (!NodeSelectors.VolumeMatches(volume, node))
        {
            return (false, AffinityMismatch(volume, node));
        }

        return volume.ClaimUid.Length == 0
            ? (false, $"ClaimRef got reset for pv \"{volume.Name}\"")
            : (VolumeBinder.IsFullyBound(claim), null);
    }

    private (bool Done, string? Error) CheckClaim(ClusterPicture picture, Node node, PersistentVolumeClaim written)
    {
        if (picture.Claims.FindReal(written.Key) is not { } claim)
        {
            return (false, $"failed to check provisioning pvc: could not find v1.PersistentVolumeClaim \"{written.Key}\"");
        }

        if (AssumeCache<PersistentVolumeClaim>.IsOlder(claim.ResourceVersion, written.ResourceVersion))
        {
            return (false, null);
        }

        if (claim.Annotations.Count == 0)
        {
            return (false, $"selectedNode annotation reset for PVC \"{claim.Name}\"");
        }

        if (claim.SelectedNode != Node)
        {
            return (false, $"provisioning failed for PVC \"{claim.Name}\"");
        }

        if (claim.VolumeName.Length > 0)
        {
            // A volume we have not heard of may be late; if it is gone, the claim will be unbound.
            if (picture.Volumes.FindReal(ObjectKey.ClusterScoped(claim.VolumeName)) is not { } volume)
            {
                return (false, null);
            }

            if (!NodeSelectors.VolumeMatches(volume, node))
            {
                return (false, AffinityMismatch(volume, node));
            }
        }

        return (VolumeBinder.IsFullyBound(claim), null);
    }

    private static string AffinityMismatch(PersistentVolume volume, Node node) =>
        $"pv \"{volume.Name}\" node affinity doesn't match node \"{node.Name}\": no matching NodeSelectorTerms";

    private void FailPreBind(string error) => Fail($"running PreBind plugin \"VolumeBinding\": {error}");

    private void Fail(string error)
    {
        Stage = BindingStage.Failed;
        Error = error;
        PollAt = Instant.Never;
    }
}
