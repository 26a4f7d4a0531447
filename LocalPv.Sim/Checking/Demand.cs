using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking;

/// <summary>
/// What a claim asks for, computed here by itself: rounded up to whole extents, each claim alone. Mirrors' metadata is LVM's own rule and
/// is taken from the one place that knows it.
/// </summary>
internal static class Demand
{
    /// <summary>The bytes that a claim asks for; 0 where it does not say.</summary>
    internal static long SizeOf(PersistentVolumeClaim claim) =>
        Quantity.TryParse(claim.RequestedStorage, out var size, out _) ? size.Value : 0;

    /// <summary>The name of the volume group that a NodeLocalStorage wants, or null.</summary>
    internal static string? GroupOf(NodeLocalStorage storage) => storage.Spec.Map("volumeGroup")?.Text("name");

    /// <summary>The bytes that are never promised.</summary>
    internal static long ReserveOf(NodeLocalStorage storage) =>
        Quantity.TryParse(storage.Spec.Text("reserve"), out var reserve, out _) ? reserve.Value : 0;

    /// <summary>How volumes of it lie on the disks.</summary>
    internal static Layout LayoutOf(NodeLocalStorage storage) =>
        storage.Wish.TryGetValue(out var spec) ? spec.Layout : Layout.Linear;

    /// <summary>The extents that a claim takes from the group of a NodeLocalStorage.</summary>
    internal static long ExtentsOf(PersistentVolumeClaim claim, NodeLocalStorage storage, ExtentSize extentSize)
    {
        var layout = LayoutOf(storage);
        var extents = Up(SizeOf(claim), extentSize.Size.Value);
        return layout.Type switch
        {
            LayoutType.Striped => Up(extents, layout.Stripes) * layout.Stripes,
            LayoutType.Raid1 => LayoutCost.ExtentsNeeded(layout, extentSize, new Bytes(SizeOf(claim))).Space.Value,
            _ => extents,
        };
    }

    internal static long Up(long amount, long unit) => (amount / unit) + (amount % unit == 0 ? 0 : 1);
}
