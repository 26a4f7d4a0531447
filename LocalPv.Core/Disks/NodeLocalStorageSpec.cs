using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Disks;

/// <summary>What one class wants on one node: the <c>spec</c> of a NodeLocalStorage.</summary>
public sealed record NodeLocalStorageSpec
{
    /// <summary>The class; never changes.</summary>
    public required StorageClassName StorageClass { get; init; }

    /// <summary>The node; never changes.</summary>
    public required NodeName Node { get; init; }

    /// <summary>Which disks of the node may be used. Disks are added here after the class was made.</summary>
    public DiskRule Disks { get; init; } = new();

    /// <summary>The volume group.</summary>
    public required VolumeGroupWish VolumeGroup { get; init; }

    /// <summary>How volumes lie on the disks.</summary>
    public Layout Layout { get; init; } = Layout.Linear;

    /// <summary>How much of the volume group is never promised.</summary>
    public Bytes Reserve { get; init; }

    /// <summary>What happens to a volume's content when it is deleted.</summary>
    public WipePolicy Wipe { get; init; }

    /// <summary>What a class wants on a node that it applies to.</summary>
    public static NodeLocalStorageSpec For(StorageClassName storageClass, StorageParameters parameters, Node node) => new()
    {
        StorageClass = storageClass,
        Node = NodeName.Parse(node.Name),
        Disks = parameters.DisksOn(node),
        VolumeGroup = parameters.VolumeGroup,
        Layout = parameters.Layout,
        Reserve = parameters.Reserve,
        Wipe = parameters.Wipe,
    };

    /// <summary>Reads a spec; Rejected with all errors, each naming its key, where something in it is wrong.</summary>
    public static Outcome<NodeLocalStorageSpec> Read(JsonMap spec)
    {
        var errors = new List<string>();
        var reader = new FieldReader(spec, "spec", errors);
        var classText = reader.Text("storageClassName");
        var nodeText = reader.Text("nodeName");
        if (!StorageClassName.TryParse(classText, out var storageClass))
        {
            reader.Error("storageClassName", $"'{classText}' is not a name of a StorageClass.");
        }

        if (!NodeName.TryParse(nodeText, out var node))
        {
            reader.Error("nodeName", $"'{nodeText}' is not a name of a Node.");
        }

        if (errors.Count > 0)
        {
            return Outcome.Failed<NodeLocalStorageSpec>(OutcomeKind.Rejected, string.Join(" ", errors));
        }

        var read = new NodeLocalStorageSpec
        {
            StorageClass = storageClass,
            Node = node,
            Disks = reader.Object("disks") is { } disks ? ReadDisks(disks, errors) : new DiskRule(),
            VolumeGroup = VolumeGroupWish.Read(reader.Object("volumeGroup"), storageClass),
            Layout = LayoutFields.Read(reader.Object("layout")),
            Reserve = reader.Amount("reserve") ?? Bytes.Zero,
            Wipe = WipePolicyField.Read(reader, "wipe"),
        };
        reader.RefuseOthers();
        return errors.Count == 0
            ? Outcome.Done(read)
            : Outcome.Failed<NodeLocalStorageSpec>(OutcomeKind.Rejected, string.Join(" ", errors));
    }

    /// <summary>The spec as the API server keeps it.</summary>
    public JsonMap ToTree() => JsonMap.Of(
        ("storageClassName", StorageClass.Value),
        ("nodeName", Node.Value),
        ("disks", Disks.ToTree()),
        ("volumeGroup", VolumeGroup.ToTree()),
        ("layout", LayoutFields.ToTree(Layout)),
        ("reserve", Quantity.Format(Reserve)),
        ("wipe", WipePolicyField.Text(Wipe)));

    private static DiskRule ReadDisks(FieldReader reader, List<string> errors)
    {
        var paths = DiskRule.ReadPaths(reader, "paths", errors);
        var wipe = DiskRule.ReadPaths(reader, "wipeSignaturesOf", errors);
        var rule = DiskRule.Read(reader, errors) with { Paths = paths, WipeSignaturesOf = wipe };
        reader.RefuseOthers();
        return rule;
    }
}
