using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The claims of a Pod that one Pod alone may use (<c>ReadWriteOncePod</c>): while another uses one of them, the Pod fits nowhere, unless
/// that other is less important and can be driven away (<c>plugins/volumerestrictions</c>).
/// </summary>
internal sealed class ExclusiveClaims
{
    private readonly ImmutableArray<ObjectKey> _claims;
    private int _users;

    private ExclusiveClaims(ImmutableArray<ObjectKey> claims) => _claims = claims;

    /// <summary>Those of a Pod, nobody counted yet; null where it has none, as nearly every Pod.</summary>
    public static ExclusiveClaims? Of(PodNeeds pod, ClusterPicture picture)
    {
        var claims = ImmutableArray<ObjectKey>.Empty;
        foreach (var use in pod.Claims)
        {
            if (picture.Claims.Find(use.Key)?.Tree.At("spec", "accessModes") is JsonList modes && modes.Any(IsExclusive))
            {
                claims = claims.Add(use.Key);
            }
        }

        return claims.IsEmpty ? null : new ExclusiveClaims(claims);
    }

    /// <summary>One that counts on by itself.</summary>
    public ExclusiveClaims Copy() => new(_claims) { _users = _users };

    /// <summary>A Pod is there (<paramref name="by"/> 1) or no longer is (-1), on whichever node.</summary>
    public void Count(PodNeeds existing, int by)
    {
        foreach (var use in existing.Claims)
        {
            if (_claims.Contains(use.Key))
            {
                _users += by;
            }
        }
    }

    /// <summary>Why no node is for the Pod, or null.</summary>
    public FilterStatus? FirstRejection() => _users == 0 ? null : FilterStatus.Of(
        SchedulerPlugin.VolumeRestrictions,
        false,
        "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

    private static bool IsExclusive(JsonTree mode) => (mode as JsonText)?.Value == "ReadWriteOncePod";
}
