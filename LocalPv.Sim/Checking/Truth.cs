using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Lvm;

namespace LocalPv.Sim.Checking;

/// <summary>
/// What is true now, kept up to date with every commit and every change of LVM: nobody in the cluster sees it so. Checks read it and never
/// search through everything.
/// </summary>
public sealed class Truth
{
    private readonly FakeApiServer _server;
    private readonly IReadOnlyDictionary<string, FakeNodeStorage> _storage;
    private readonly Func<Instant> _clock;
    private readonly SortedDictionary<string, NodeTruth> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PersistentVolumeClaim> _claims = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PersistentVolume> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, PersistentVolume>> _volumesOfClaim = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<VolumeTruth>> _logicalVolumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _selecting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _claimsGone = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _disturbed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _handRemoved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _storageEnded = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, NodeLocalStorage> _storages = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ObjectKey, Pod> _pods = [];
    private readonly Dictionary<string, Instant> _lastCommit = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _refusing = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _up = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _hostNames = new(StringComparer.Ordinal);

    internal Truth(FakeApiServer server, IReadOnlyDictionary<string, FakeNodeStorage> storage, Func<Instant> clock)
    {
        _server = server;
        _storage = storage;
        _clock = clock;
    }

    /// <summary>The moment.</summary>
    public Instant Now => _clock();

    /// <summary>The objects.</summary>
    public FakeApiServer Server => _server;

    /// <summary>The nodes that have disks, by name.</summary>
    public IReadOnlyDictionary<string, NodeTruth> Nodes => _nodes;

    /// <summary>The claims that exist, by uid.</summary>
    public IReadOnlyDictionary<string, PersistentVolumeClaim> Claims => _claims;

    /// <summary>The PersistentVolumes that exist, by name.</summary>
    public IReadOnlyDictionary<string, PersistentVolume> PersistentVolumes => _volumes;

    /// <summary>The claim of that uid, or null.</summary>
    public PersistentVolumeClaim? Claim(string uid) => _claims.GetValueOrDefault(uid);

    /// <summary>When the claim of that uid went; null while it exists, or where it never did.</summary>
    public Instant? GoneSince(string uid) => _claimsGone.TryGetValue(uid, out var at) ? at : null;

    /// <summary>The logical volumes that carry a claim's tag, wherever they are.</summary>
    public IReadOnlyList<VolumeTruth> LogicalVolumesOf(string uid) => _logicalVolumes.TryGetValue(uid, out var found) ? found : [];

    /// <summary>The PersistentVolumes that name a claim's uid.</summary>
    public IReadOnlyCollection<PersistentVolume> PersistentVolumesOf(string uid) =>
        _volumesOfClaim.TryGetValue(uid, out var found) ? found.Values : [];

    /// <summary>The uids of the claims whose selected-node is that node.</summary>
    public IReadOnlyCollection<string> Selecting(string node) => _selecting.TryGetValue(node, out var found) ? found : [];

    /// <summary>When somebody last took space on a node, or a disk from it, behind the agent's back.</summary>
    public Instant DisturbedAt(string node) => _disturbed.GetValueOrDefault(node, Instant.Epoch);

    /// <summary>When somebody other than an agent removed the claim's logical volume; null where nobody did.</summary>
    public Instant? RemovedByHandAt(string uid) => _handRemoved.TryGetValue(uid, out var at) ? at : null;

    /// <summary>The Node object, or null.</summary>
    public Node? Node(string name) => _server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(name)) as Node;

    /// <summary>The host name by which PersistentVolumes name the node, also when its Node object is gone.</summary>
    public string HostNameOf(string node) => _hostNames.GetValueOrDefault(node, node);

    /// <summary>The node that has, or last had, that host name; null where none is known.</summary>
    public string? NodeOfHost(string? hostName)
    {
        foreach (var (node, host) in _hostNames)
        {
            if (host == hostName)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>Whether the node is gone from the API, or a person has declared it lost.</summary>
    public bool IsLost(string node) => Node(node) is not { } known || known.IsDeclaredLost;

    /// <summary>The NodeLocalStorage objects, by name.</summary>
    public IReadOnlyDictionary<string, NodeLocalStorage> Storages => _storages;

    /// <summary>The Pods, by key.</summary>
    public IReadOnlyDictionary<ObjectKey, Pod> Pods => _pods;

    /// <summary>Whether a NodeLocalStorage of that node ended in the last while.</summary>
    public bool StorageEndedSince(string node, TimeSpan span) =>
        _storageEnded.TryGetValue(node, out var at) && Now - at <= span;

    /// <summary>The node's disks as they are now.</summary>
    public ImmutableArray<ObservedDisk> Disks(string node) => _storage[node].Lvm.Observe().Disks;

    /// <summary>Whether a scan of its node would show the volume: a disk of its group is there.</summary>
    internal bool IsSeen(VolumeTruth volume) =>
        _storage[volume.Node].Lvm.Observe().VolumeGroups.Any(group => group.Uuid == volume.Group.Uuid);

    /// <summary>What can be read from a volume.</summary>
    internal IReadOnlyList<string> Read(VolumeTruth volume) => IsOnly(volume)
        ? _storage[volume.Node].Lvm.Read(volume.Group.Name, volume.Volume.Name)
        : [];

    /// <summary>What can be read where a volume begins.</summary>
    internal IReadOnlyList<string> ReadStart(VolumeTruth volume) => IsOnly(volume)
        ? _storage[volume.Node].Lvm.ReadStart(volume.Group.Name, volume.Volume.Name)
        : [];

    /// <summary>Whether somebody has its device open.</summary>
    internal bool IsOpen(VolumeTruth volume) =>
        IsOnly(volume) && _storage[volume.Node].Lvm.IsOpen(volume.Group.Name, volume.Volume.Name);

    /// <summary>Writes all over an active volume, as the Pod that has it would.</summary>
    internal void Write(VolumeTruth volume, string text)
    {
        if (IsOnly(volume))
        {
            _storage[volume.Node].Lvm.Write(volume.Group.Name, volume.Volume.Name, text);
        }
    }

    /// <summary>Whether the node's LVM makes no new volumes any more, whatever is free there.</summary>
    public bool Refuses(string node) => _refusing.Contains(node);

    internal void SetRefusing(string node) => _refusing.Add(node);

    /// <summary>Whether a process runs.</summary>
    public bool IsUp(string process) => _up.Contains(process);

    /// <summary>The processes that run, by name.</summary>
    public IReadOnlyCollection<string> Up => _up;

    /// <summary>Whether a node's agent runs, its Node object exists and is no lost one: it can do something.</summary>
    public bool IsServed(string node) => !IsLost(node) && _up.Any(process => Actors.IsAgentOf(process, node));

    /// <summary>The NodeLocalStorage objects of that node that are about a group of that name.</summary>
    internal IEnumerable<NodeLocalStorage> StoragesOf(string node, VolumeGroup group) => Storages.Values.Where(storage =>
        storage.NodeName == node && Demand.GroupOf(storage) == group.Name.Value);

    internal void SetUp(string process, bool up)
    {
        if (up)
        {
            _up.Add(process);
        }
        else
        {
            _up.Remove(process);
        }
    }

    // A name that two groups have leads to neither.
    private bool IsOnly(VolumeTruth volume) =>
        _nodes.TryGetValue(volume.Node, out var node) && node.Group(volume.Group.Name.Value)?.Uuid == volume.Group.Uuid
        && node.Group(volume.Group.Name.Value)!.LogicalVolumes.Any(there => there.Uuid == volume.Volume.Uuid);

    /// <summary>What the class has on that node, or null.</summary>
    public NodeLocalStorage? StorageOf(string? storageClass, string node) =>
        StorageClassName.TryParse(storageClass, out var name) && NodeName.TryParse(node, out var nodeName)
            ? _server.Find(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped(NodeLocalStorageName.Of(name, nodeName)))
                as NodeLocalStorage
            : null;

    /// <summary>Whether the claim is of a class of ours.</summary>
    public bool IsOurs(PersistentVolumeClaim claim) =>
        _server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(claim.StorageClassName ?? "")) is StorageClass found
            ? found.Provisioner == WellKnown.DefaultProvisioner
            : claim.Provisioner == WellKnown.DefaultProvisioner;

    /// <summary>Notes that nothing exact can be said of a node's promises for a while.</summary>
    internal void Disturb(string node) => _disturbed[node] = Now;

    internal void Disturb()
    {
        foreach (var node in _storage.Keys)
        {
            Disturb(node);
        }
    }

    /// <summary>Whether an object of that kind was written so short a time ago that not everybody can have heard of it.</summary>
    internal bool IsFresh(string kind) => _lastCommit.TryGetValue(kind, out var at) && Now - at < TimeSpan.FromSeconds(20);

    internal void Take(Change change)
    {
        _lastCommit[change.Object.Type.Kind] = change.At;
        switch (change.Object)
        {
            case PersistentVolumeClaim claim:
                TakeClaim(change, claim);
                break;
            case PersistentVolume volume:
                TakeVolume(change, volume);
                break;
            case NodeLocalStorage storage when change.Type == ChangeType.Deleted:
                _storages.Remove(storage.Name);
                _storageEnded[storage.NodeName] = change.At;
                break;
            case NodeLocalStorage storage:
                _storages[storage.Name] = storage;
                break;
            case Node node when change.Type != ChangeType.Deleted:
                _hostNames[node.Name] = node.HostName;
                break;
            case Pod pod when change.Type == ChangeType.Deleted:
                _pods.Remove(pod.Key);
                break;
            case Pod pod:
                _pods[pod.Key] = pod;
                break;
            default:
                break;
        }
    }

    /// <summary>Looks at a node's LVM again and gives what changed.</summary>
    internal IReadOnlyList<VolumeChange> Look(string node, LvmCall? by)
    {
        if (!_storage.TryGetValue(node, out var storage))
        {
            return [];
        }

        if (!_nodes.TryGetValue(node, out var truth))
        {
            _nodes.Add(node, truth = new NodeTruth(node));
        }

        // Most looks find nothing new.
        var version = storage.Lvm.Version;
        if (truth.Version == version)
        {
            return [];
        }

        truth.Version = version;
        var groupsBefore = truth.Groups;
        var changes = truth.Look(storage.Lvm.AllGroups(), by);
        if (by is null && groupsBefore.Any(group => group.IsComplete && !truth.Groups.Any(now => now.Uuid == group.Uuid && now.IsComplete)))
        {
            Disturb(node);
        }

        foreach (var change in changes)
        {
            Note(change);
        }

        return changes;
    }

    private void Note(VolumeChange change)
    {
        if (change.Before is { Claim.Length: > 0 } before)
        {
            _logicalVolumes[before.Claim].RemoveAll(volume => volume.Volume.Uuid == before.Volume.Uuid && volume.Node == before.Node);
            if (change.After is null && change.By is null)
            {
                _handRemoved[before.Claim] = Now;
            }
        }

        if (change.After is { Claim.Length: > 0 } after)
        {
            if (!_logicalVolumes.TryGetValue(after.Claim, out var list))
            {
                _logicalVolumes.Add(after.Claim, list = []);
            }

            list.Add(after);
        }

        var grew = change is { Before: { } old, After: { } now } && now.Volume.Extents > old.Volume.Extents;
        if (change.By is null || grew)
        {
            Disturb(change.Volume.Node);
        }
    }

    private void TakeClaim(Change change, PersistentVolumeClaim claim)
    {
        var before = (change.Previous as PersistentVolumeClaim)?.SelectedNode;
        var after = change.Type == ChangeType.Deleted ? null : claim.SelectedNode;
        if (change.Type == ChangeType.Deleted)
        {
            _claims.Remove(claim.Uid);
            _claimsGone[claim.Uid] = change.At;
        }
        else
        {
            _claims[claim.Uid] = claim;
        }

        if (before == after)
        {
            return;
        }

        if (before is not null && _selecting.TryGetValue(before, out var old))
        {
            old.Remove(claim.Uid);
        }

        if (after is not null)
        {
            if (!_selecting.TryGetValue(after, out var selecting))
            {
                _selecting.Add(after, selecting = new SortedSet<string>(StringComparer.Ordinal));
            }

            selecting.Add(claim.Uid);
        }
    }

    private void TakeVolume(Change change, PersistentVolume volume)
    {
        if (change.Previous is PersistentVolume before && _volumesOfClaim.TryGetValue(before.ClaimUid, out var old))
        {
            old.Remove(before.Name);
        }

        if (change.Type == ChangeType.Deleted)
        {
            _volumes.Remove(volume.Name);
            return;
        }

        _volumes[volume.Name] = volume;
        if (volume.ClaimUid.Length > 0)
        {
            if (!_volumesOfClaim.TryGetValue(volume.ClaimUid, out var list))
            {
                _volumesOfClaim.Add(volume.ClaimUid, list = new SortedDictionary<string, PersistentVolume>(StringComparer.Ordinal));
            }

            list[volume.Name] = volume;
        }
    }
}
