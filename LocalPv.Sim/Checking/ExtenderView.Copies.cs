using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking;

/// <content>The copies of objects, as lists and watches have filled them.</content>
public sealed partial class ExtenderView
{
    private Seen Kind(string kind)
    {
        if (!_kinds.TryGetValue(kind, out var seen))
        {
            _kinds.Add(kind, seen = new Seen());
        }

        return seen;
    }

    private void Put(KubernetesObject received)
    {
        var seen = Kind(received.Type.Kind);
        if (VersionOf(received.ResourceVersion) >= seen.Version || seen.Objects.ContainsKey(received.Key))
        {
            Take(seen, received);
        }
    }

    private void Take(Seen seen, KubernetesObject received)
    {
        var version = VersionOf(received.ResourceVersion);
        if (seen.Objects.GetValueOrDefault(received.Key) is not { } known || VersionOf(known.ResourceVersion) <= version)
        {
            if (seen.Objects.GetValueOrDefault(received.Key) is { } old && old.Uid != received.Uid)
            {
                End(old);
                seen.Objects.Remove(received.Key);
            }

            var before = seen.Objects.GetValueOrDefault(received.Key);
            if (before?.ResourceVersion != received.ResourceVersion)
            {
                seen.HeardIn[received.Key] = _turn;
            }

            Index(before, received);
            seen.Objects[received.Key] = received;
            seen.Version = Math.Max(seen.Version, version);
        }
    }

    private void Remove(KubernetesObject gone)
    {
        var seen = Kind(gone.Type.Kind);
        if (seen.Objects.GetValueOrDefault(gone.Key) is { } known && VersionOf(known.ResourceVersion) <= VersionOf(gone.ResourceVersion))
        {
            seen.Objects.Remove(gone.Key);
            seen.Version = Math.Max(seen.Version, VersionOf(gone.ResourceVersion));
            End(known);
        }
    }

    private void End(KubernetesObject known)
    {
        Index(known, null);
        if (known is PersistentVolumeClaim claim)
        {
            _ended.Add(new Ending(_clock(), claim, ScanOf(claim)));
        }
    }

    private void TakeList(ClusterRequest.List list, ClusterAnswer answer)
    {
        var seen = Kind(list.Type.Kind);
        if (list.Continue.Length == 0)
        {
            seen.Pages.Clear();
        }

        seen.Pages.AddRange(answer.Items);
        var version = VersionOf(answer.ResourceVersion);
        if (answer.Continue.Length > 0 || version < seen.Version)
        {
            return;
        }

        var listed = new SortedSet<ObjectKey>(seen.Pages.Select(item => item.Key));
        foreach (var item in seen.Pages)
        {
            Take(seen, item);
        }

        foreach (var (key, known) in seen.Objects.Where(entry => !listed.Contains(entry.Key)).ToArray())
        {
            if (VersionOf(known.ResourceVersion) <= version)
            {
                seen.Objects.Remove(key);
                End(known);
            }
        }

        seen.Version = version;
        seen.Pages.Clear();
    }

    private static ulong VersionOf(string version) =>
        ulong.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private sealed class Seen
    {
        public SortedDictionary<ObjectKey, KubernetesObject> Objects { get; } = [];

        // In which turn the version that is known of each was heard of first. Looked up, never walked through.
        public Dictionary<ObjectKey, long> HeardIn { get; } = [];

        public List<KubernetesObject> Pages { get; } = [];

        public ulong Version { get; set; }
    }
}
