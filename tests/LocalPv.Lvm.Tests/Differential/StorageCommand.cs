using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>One request of a random sequence, small enough to be shrunk: a verb, one of a few claims, a number and a layout.</summary>
internal sealed record StorageCommand(StorageVerb Verb, int Claim, long Extents, Layout Layout)
{
    internal static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpv.diff-1");

    /// <summary>Claims whose names LVM has to take as they are.</summary>
    private static readonly string[] Claims = ["uid-1", "Uid-1", "0-0", "ffffffff-ffff-4fff-8fff-ffffffffffff"];

    internal static Gen<StorageCommand[]> Sequences(Layout[] layouts) =>
        from count in Gen.Choose(2, 6)
        from commands in One(layouts).ArrayOf(count)
        select commands;

    private static Gen<StorageCommand> One(Layout[] layouts) =>
        from verb in Gen.Frequency(
            (6, Gen.Constant(StorageVerb.Create)),
            (3, Gen.Constant(StorageVerb.Extend)),
            (3, Gen.Constant(StorageVerb.Remove)),
            (1, Gen.Constant(StorageVerb.RemoveAsAnother)),
            (1, Gen.Constant(StorageVerb.Tag)),
            (1, Gen.Constant(StorageVerb.MakeForeign)),
            (2, Gen.Constant(StorageVerb.AddDisk)),
            (1, Gen.Constant(StorageVerb.LoseDisk)))
        from claim in Gen.Choose(0, Claims.Length - 1)
        from extents in Gen.Frequency(
            (8, Gen.Choose(1, 30).Select(number => (long)number)),
            (1, Gen.Elements(0L, uint.MaxValue, 1L << 32, long.MaxValue)))
        from layout in Gen.Elements(layouts)
        select new StorageCommand(verb, claim, extents, layout);

    /// <summary>The name of a volume that somebody else makes.</summary>
    internal LogicalVolumeName ForeignName => LogicalVolumeName.Parse("a+b.c_d-" + Claim.ToString(CultureInfo.InvariantCulture));

    /// <summary>Which of so many disks it is about.</summary>
    internal int DiskOf(int disks) => (int)(Extents % disks);

    internal NodeStorageRequest ToRequest()
    {
        var uid = ClaimUid.Parse(Claims[Claim]);
        var name = LogicalVolumeName.Parse("pvc-" + uid.Value);
        return Verb switch
        {
            StorageVerb.Create => new NodeStorageRequest.CreateLogicalVolume(
                Group, name, new ExtentCount(Extents), Layout,
                [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + uid.Value), LvmTag.Parse("a/b=c:d!e&f#g+h.i_j")]),
            StorageVerb.Extend => new NodeStorageRequest.ExtendLogicalVolume(Group, name, uid, new ExtentCount(Extents)),
            StorageVerb.Remove => new NodeStorageRequest.RemoveLogicalVolume(Group, name, uid, WipePolicy.Zero),
            StorageVerb.RemoveAsAnother => new NodeStorageRequest.RemoveLogicalVolume(
                Group, name, ClaimUid.Parse("somebody"), WipePolicy.Zero),
            _ => new NodeStorageRequest.TagLogicalVolume(Group, name, uid, LvmTag.Parse(WellKnown.RetainTag)),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Claims[Claim]} {Extents} {Layout.Type}/{Layout.Stripes}";
}

/// <summary>What a <see cref="StorageCommand"/> asks.</summary>
internal enum StorageVerb
{
    Create,
    Extend,
    Remove,
    RemoveAsAnother,
    Tag,
    MakeForeign,
    AddDisk,
    LoseDisk,
}
