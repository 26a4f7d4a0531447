using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <content>What a class promises on this node.</content>
internal sealed partial class ClassKeeper
{
    /// <summary>What a class promises here, or why not.</summary>
    internal (VolumeTerms? Terms, Unserved? Unserved) TermsOf(string? className)
    {
        if (className is null || !StorageClassName.TryParse(className, out var name))
        {
            return (null, new Unserved("ClassMissing", $"'{className}' is not a name of a StorageClass.", false));
        }

        if (_watches.Classes.Find(ObjectKey.ClusterScoped(className)) is not StorageClass storageClass)
        {
            return (null, new Unserved("ClassMissing", $"There is no StorageClass {className} of {_options.Provisioner}.", false));
        }

        if (StorageParameters.Read(storageClass) is { Errors.IsEmpty: false } bad)
        {
            return (null, new Unserved("ClassInvalid", $"StorageClass {className}: {string.Join(" ", bad.Errors)}", false));
        }

        if (!_entries.TryGetValue(NodeLocalStorageName.Of(name, _options.Node), out var entry) || entry.Object is null)
        {
            return (null, _watches.Node is { } node && !StorageParameters.Read(storageClass).Parameters!.AppliesTo(node)
                ? new Unserved("NodeNotInClass", $"StorageClass {className} has no disks on node {_options.Node}.", true)
                : new Unserved("StorageNotReady", $"The NodeLocalStorage of {className} on {_options.Node} is not there yet.", false));
        }

        return TermsOf(entry, storageClass, StorageParameters.Read(storageClass).Parameters!);
    }

    private (VolumeTerms? Terms, Unserved? Unserved) TermsOf(
        StorageEntry entry, StorageClass storageClass, StorageParameters parameters)
    {
        var name = entry.Object!.Name;
        if (entry.Spec is not { } spec)
        {
            return (null, new Unserved("StorageInvalid", $"NodeLocalStorage {name}: {entry.SpecError}", true));
        }

        if (entry.Object.IsBeingDeleted)
        {
            return (null, new Unserved(
                "StorageTerminating", $"NodeLocalStorage {name} is being deleted.", !IsSucceeded(entry.Object, spec)));
        }

        if (entry.Refusal.Length > 0)
        {
            return (null, new Unserved("VolumeGroupRefused", entry.Refusal, true));
        }

        return (new VolumeTerms
        {
            StorageClass = spec.StorageClass,
            Group = spec.VolumeGroup.Name,
            Layout = spec.Layout,
            Reserve = spec.Reserve,
            Wipe = spec.Wipe,
            ReclaimPolicy = storageClass.ReclaimPolicy,
            MountOptions = [.. storageClass.MountOptions],
            FileSystem = parameters.FileSystem,
            MayGrow = storageClass.AllowVolumeExpansion,
        }, null);
    }
}
