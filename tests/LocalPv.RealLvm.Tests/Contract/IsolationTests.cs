using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.RealLvm.Tests.Contract;

/// <summary>
/// What one claim wrote, the next one that gets its blocks cannot read: looked at through the raw device, with no file system between.
/// </summary>
public sealed class IsolationTests(BenchGuest guest) : NodeStorageContract, IClassFixture<BenchGuest>
{
    private const string Secret = "secret secret secret secret secret secret secret secret secret.";

    /// <summary>Each layout, with as many extents as fit on two disks of that many.</summary>
    public static TheoryData<string, int, int> Layouts => new()
    {
        { "Linear", 12, 6 }, { "Striped", 12, 6 }, { "Raid1", 5, 6 }, { "Thin", 16, 12 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Volume_AfterAnotherOnTheSameBlocks_ReadsNothingOfIt(string type, int extents, int disk)
    {
        using var bench = (GuestBench)NewBench(disk, disk);
        CreateGroup(bench);
        var layout = LayoutOf(Enum.Parse<LayoutType>(type));
        foreach (var wipe in (WipePolicy[])[WipePolicy.Zero, WipePolicy.Discard])
        {
            CreateVolume(bench, A, extents, layout);
            bench.Script("(yes \"$2\" || true) | dd of=$1 bs=1M iflag=fullblock count=$3 conv=fsync status=none",
                DeviceOf(A), Secret, extents.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.True(Secrets(bench, A) > 0, "The secret was not written.");
            Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, wipe));
            CreateVolume(bench, B, extents, layout);
            Assert.True(Secrets(bench, B) == 0, $"{type}: after wiping by {wipe} the next claim reads the secret.");
            Done<NodeStorageAnswer.Removed>(bench, new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(B), B, WipePolicy.Signatures));
        }
    }

    /// <summary>The weakest policy keeps its weaker promise: nobody finds the file system of the one before.</summary>
    [Theory]
    [MemberData(nameof(Layouts))]
    public void Volume_AfterAnotherWhoseSignaturesWereWiped_ShowsNoFileSystem(string type, int extents, int disk)
    {
        using var bench = (GuestBench)NewBench(disk, disk);
        CreateGroup(bench);
        var layout = LayoutOf(Enum.Parse<LayoutType>(type));
        CreateVolume(bench, A, extents, layout);
        bench.Script("mkfs.ext4 -q -F $1", DeviceOf(A));
        var removal = new NodeStorageRequest.RemoveLogicalVolume(Fast, NameOf(A), A, WipePolicy.Signatures);
        Done<NodeStorageAnswer.Removed>(bench, removal);
        CreateVolume(bench, B, extents, layout);
        Assert.Equal("", bench.Script("wipefs --noheadings --output TYPE $1", DeviceOf(B)));
    }

    protected override NodeStorageBench NewBench(params int[] extentsPerDisk) => new GuestBench(guest, extentsPerDisk);

    private static Layout LayoutOf(LayoutType type) => type switch
    {
        LayoutType.Striped => new Layout(type, Stripes: 2),
        LayoutType.Raid1 => new Layout(type, Mirrors: 1),
        LayoutType.Thin => new Layout(type, OverprovisionPercent: 100),
        _ => Layout.Linear,
    };

    private static int Secrets(GuestBench bench, ClaimUid claim) => int.Parse(
        bench.Script("grep -a -c secret $1 || true", DeviceOf(claim)), System.Globalization.CultureInfo.InvariantCulture);

    private static string DeviceOf(ClaimUid claim) => $"/dev/{Fast}/{NameOf(claim)}";
}
