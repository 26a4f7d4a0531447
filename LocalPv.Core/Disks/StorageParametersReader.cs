using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Disks;

/// <summary>Reads <see cref="StorageParameters"/> out of a class.</summary>
internal static class StorageParametersReader
{
    private const string RequiredBindingMode = "WaitForFirstConsumer";

    // A class names at most some thousand nodes with a few disks each; a document of more than a megabyte is a mistake (etcd's limit).
    private const int DocumentLengthMax = 1 << 20;

    // Those that a kubelet can both make and grow (k8s.io/mount-utils): others would leave a Pod waiting for its mount.
    private static readonly string[] FileSystems = ["ext4", "ext3", "xfs", "btrfs"];

    internal static bool TryRead(StorageClass storageClass, out StorageParameters parameters, out ImmutableArray<string> errors)
    {
        var found = new List<string>();
        if (storageClass.VolumeBindingMode != RequiredBindingMode)
        {
            found.Add($"volumeBindingMode: is {storageClass.VolumeBindingMode}, but a local volume can only be made where its Pod "
                + $"will run: make the class again with {RequiredBindingMode}.");
        }

        foreach (var key in storageClass.Parameters.Keys.Where(key => key != WellKnown.StorageParameter && !IsForOthers(key)))
        {
            found.Add($"parameters.{key}: is an unknown key; known is {WellKnown.StorageParameter}.");
        }

        var read = ReadDocument(storageClass, found);
        var fileSystem = storageClass.Parameters.Text(WellKnown.FileSystemParameter) ?? StorageParameters.DefaultFileSystem;
        if (Array.IndexOf(FileSystems, fileSystem) < 0)
        {
            found.Add($"parameters.{WellKnown.FileSystemParameter}: is '{fileSystem}', which no node can make: use "
                + $"{string.Join(", ", FileSystems)}.");
        }

        errors = [.. found];
        parameters = (read is null ? null : read with { FileSystem = fileSystem })!;
        return errors.IsEmpty && read is not null;
    }

    // Those of CSI that we do not know, such as the names of secrets, are for other parts of Kubernetes.
    private static bool IsForOthers(string key) => key.StartsWith("csi.storage.k8s.io/", StringComparison.Ordinal);

    private static StorageParameters? ReadDocument(StorageClass storageClass, List<string> errors)
    {
        if (!StorageClassName.TryParse(storageClass.Name, out var name))
        {
            errors.Add($"metadata.name: '{storageClass.Name}' is not a DNS subdomain.");
            return null;
        }

        var text = storageClass.Parameters.Text(WellKnown.StorageParameter);
        if (text is null)
        {
            errors.Add($"parameters.{WellKnown.StorageParameter}: is missing; it says which disks of which nodes the class may use.");
            return null;
        }

        if (text.Length > DocumentLengthMax)
        {
            errors.Add($"parameters.{WellKnown.StorageParameter}: has {text.Length} characters, more than {DocumentLengthMax}.");
            return null;
        }

        try
        {
            if (JsonTree.Parse(text) is JsonMap document)
            {
                return Read(new FieldReader(document, "", errors), name, errors);
            }

            errors.Add($"parameters.{WellKnown.StorageParameter}: must be a JSON object.");
        }
        catch (JsonException error)
        {
            errors.Add($"parameters.{WellKnown.StorageParameter}: is not JSON: {error.Message}");
        }

        return null;
    }

    private static StorageParameters Read(FieldReader reader, StorageClassName name, List<string> errors)
    {
        var nodes = ReadNodes(reader, errors);
        var selector = reader.TextsByKey("nodeSelector");
        var disks = reader.Object("disks") is { } rule ? ReadRule(rule, errors) : new DiskRule();
        var parameters = new StorageParameters
        {
            Nodes = nodes,
            NodeSelector = selector,
            Disks = disks,
            VolumeGroup = VolumeGroupWish.Read(reader.Object("volumeGroup"), name),
            Layout = LayoutFields.Read(reader.Object("layout")),
            Reserve = reader.Amount("reserve") ?? Bytes.Zero,
            Wipe = WipePolicyField.Read(reader, "wipe"),
        };
        RefuseContradictions(reader, parameters);
        reader.RefuseOthers();
        return parameters;
    }

    private static ImmutableArray<NodeDisks> ReadNodes(FieldReader reader, List<string> errors)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeDisks>();
        var seen = new SortedSet<NodeName>();
        foreach (var entry in reader.Objects("nodes"))
        {
            var text = entry.Text("name");
            if (!NodeName.TryParse(text, out var node))
            {
                entry.Error("name", text is null ? "is missing; it is the name of a Node." : $"'{text}' is not a name of a Node.");
            }
            else if (!seen.Add(node))
            {
                entry.Error("name", $"'{node}' is named twice: put all its disks into one entry.");
            }

            nodes.Add(new NodeDisks(node, DiskRule.ReadPaths(entry, "disks", errors)));
            entry.RefuseOthers();
        }

        return nodes.ToImmutable();
    }

    private static DiskRule ReadRule(FieldReader reader, List<string> errors)
    {
        var says = reader.Has("match") || reader.Has("minSize") || reader.Has("rotational");
        var rule = DiskRule.Read(reader, errors);
        reader.RefuseOthers();
        if (!says)
        {
            reader.Error("match", "is missing: an empty rule would take every disk. Write [\"/dev/*\"] where that is meant.");
        }

        return reader.Has("match") ? rule : rule with { Match = [DiskRule.EveryDisk] };
    }

    private static void RefuseContradictions(FieldReader reader, StorageParameters parameters)
    {
        var hasRule = reader.Has("disks");
        var restsOnRule = parameters.Nodes.Any(node => node.Disks.IsEmpty);
        if (parameters.Nodes.IsEmpty && parameters.NodeSelector is null)
        {
            reader.Error("nodes", "is missing: name nodes here, or choose them by nodeSelector (an empty one means every node).");
        }
        else if (hasRule && parameters.NodeSelector is null && !restsOnRule)
        {
            reader.Error("disks", "holds for no node: every entry of nodes names its disks and there is no nodeSelector.");
        }

        // A group that is there already needs no disk.
        if (parameters.VolumeGroup.Adopt && !hasRule)
        {
            return;
        }

        if (!hasRule && parameters.NodeSelector is not null)
        {
            reader.Error("disks", "is missing: nodeSelector chooses nodes, and disks says which of their disks may be used.");
        }
        else if (!hasRule && restsOnRule)
        {
            reader.Error("disks", "is missing: an entry of nodes names no disks, so a rule has to choose them.");
        }

        if (hasRule && reader.Object("disks") is not null && parameters.Disks.Match.IsEmpty)
        {
            reader.Error("disks.match", "chooses no disk: name at least one pattern, such as /dev/disk/by-id/nvme-*.");
        }
    }
}
