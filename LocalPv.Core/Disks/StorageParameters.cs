using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Disks;

/// <summary>
/// What a StorageClass of ours says in <c>parameters["localpv.io/storage"]</c>. It only seeds the NodeLocalStorage objects: Kubernetes
/// does not let the parameters of a class be changed.
/// </summary>
public sealed record StorageParameters
{
    private readonly NodeIndex _index = new();

    /// <summary>The nodes that are named, in the order of the document.</summary>
    public ImmutableArray<NodeDisks> Nodes { get; init; } = [];

    /// <summary>The labels of the nodes that are chosen by rule; empty means every node, null means none.</summary>
    public ImmutableSortedDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Which disks are chosen by rule; a rule without patterns where the document has none.</summary>
    public DiskRule Disks { get; init; } = new();

    /// <summary>The volume group on each node.</summary>
    public required VolumeGroupWish VolumeGroup { get; init; }

    /// <summary>How volumes lie on the disks.</summary>
    public Layout Layout { get; init; } = Layout.Linear;

    /// <summary>How much of each volume group is never promised.</summary>
    public Bytes Reserve { get; init; }

    /// <summary>What happens to a volume's content when it is deleted.</summary>
    public WipePolicy Wipe { get; init; }

    /// <summary>
    /// The file system that the kubelet makes on a new volume and grows with it, from <c>csi.storage.k8s.io/fstype</c>; where the class
    /// does not say, the kubelet's own default for local volumes (<c>pkg/volume/local</c>).
    /// </summary>
    public string FileSystem { get; init; } = DefaultFileSystem;

    /// <summary>The file system of volumes whose class names none.</summary>
    public const string DefaultFileSystem = "ext4";

    /// <summary>
    /// Reads a class: all of it, or nothing and every error there is, each naming its key. A binding mode other than
    /// <c>WaitForFirstConsumer</c> is such an error. Whether the class is ours (its provisioner) is for the caller to know.
    /// </summary>
    public static bool TryRead(StorageClass storageClass, out StorageParameters parameters, out ImmutableArray<string> errors)
    {
        var read = Read(storageClass);
        (parameters, errors) = (read.Parameters!, read.Errors);
        return read.Parameters is not null;
    }

    /// <summary>The same; one version of a class is read once, however many look at it.</summary>
    internal static ReadParameters Read(StorageClass storageClass) =>
        storageClass.Understood ??= StorageParametersReader.TryRead(storageClass, out var found, out var wrong)
            ? new ReadParameters(found, [])
            : new ReadParameters(null, wrong);

    /// <summary>Whether the class has disks on this node: it is named, or the selector matches its labels.</summary>
    public bool AppliesTo(Node node) => Named(node) is not null || SelectorMatches(node);

    /// <summary>
    /// The disks that the class means on this node: those named for it, and those of the rule where the rule holds for it.
    /// </summary>
    public DiskRule DisksOn(Node node)
    {
        var named = Named(node);
        var byRule = SelectorMatches(node) || named is { Disks.IsEmpty: true };
        return (byRule ? Disks : new DiskRule()) with { Paths = named?.Disks ?? [] };
    }

    private NodeDisks? Named(Node node) => _index.Find(Nodes, node.Name);

    /// <summary>Finds a named node: thousands are asked for, again and again. Says nothing about equality.</summary>
    private sealed class NodeIndex
    {
        private Built? _built;

        internal NodeDisks? Find(ImmutableArray<NodeDisks> nodes, string name)
        {
            if (_built is not { } built || built.Of != nodes)
            {
                var byName = new Dictionary<string, NodeDisks>(nodes.Length, StringComparer.Ordinal);
                foreach (var entry in nodes)
                {
                    byName.TryAdd(entry.Node.Value, entry);
                }

                _built = built = new Built(nodes, byName);
            }

            return built.ByName.GetValueOrDefault(name);
        }

        public override bool Equals(object? obj) => obj is NodeIndex;

        public override int GetHashCode() => 0;

        // Looked up only: its order reaches nothing.
        private sealed record Built(ImmutableArray<NodeDisks> Of, Dictionary<string, NodeDisks> ByName);
    }

    private bool SelectorMatches(Node node) =>
        NodeSelector is not null && NodeSelector.All(label => node.Label(label.Key) == label.Value);
}

/// <summary>The disks that a class names on one node; none means that the rule chooses them.</summary>
public sealed record NodeDisks(NodeName Node, ImmutableArray<DevicePath> Disks);

/// <summary>What the reading of one version of a class gave: its parameters, or null and every error.</summary>
internal sealed record ReadParameters(StorageParameters? Parameters, ImmutableArray<string> Errors);
