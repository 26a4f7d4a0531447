using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.NodeDisks;

public sealed class NodeLocalStorageCodecTests
{
    [Fact]
    public void Spec_OfAnyContent_IsReadBackFromWhatItWrites() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(NodeLocalStorageGen.Specs.ToArbitrary(), spec =>
        {
            var again = NodeLocalStorageSpec.Read((JsonMap)JsonTree.Parse(spec.ToTree().ToUtf8()));
            return again.IsDone && again.Value.ToTree().Equals(spec.ToTree()) && again.Value.Layout == spec.Layout
                && again.Value.VolumeGroup == spec.VolumeGroup && again.Value.Reserve == spec.Reserve && again.Value.Wipe == spec.Wipe
                && again.Value.Disks.Paths.SequenceEqual(spec.Disks.Paths) && again.Value.Disks.Match.SequenceEqual(spec.Disks.Match);
        }));

    [Fact]
    public void Status_OfAnyContent_IsReadBackFromWhatItWrites() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(NodeLocalStorageGen.Statuses.ToArbitrary(), status =>
        {
            var again = NodeLocalStorageStatus.Read((JsonMap)JsonTree.Parse(status.ToTree().ToUtf8()));
            return again.ToTree().Equals(status.ToTree()) && again.Phase == status.Phase && again.Free == status.Free
                && again.VolumeGroup == status.VolumeGroup && again.Disks.SequenceEqual(status.Disks)
                && again.Volumes.SequenceEqual(status.Volumes) && again.Conditions.SequenceEqual(status.Conditions)
                && again.LastScanTime == status.LastScanTime && again.ScanSequence == status.ScanSequence;
        }));

    [Fact]
    public void Status_OfNothing_IsTheDefault()
    {
        var status = NodeLocalStorageStatus.Read(JsonMap.Empty);
        Assert.Equal((StoragePhase.Pending, 0L, Bytes.Zero), (status.Phase, status.ScanSequence, status.Free));
        Assert.Null(status.VolumeGroup);
        Assert.Null(status.LastScanTime);
    }

    [Fact]
    public void Spec_WithErrors_NamesTheirKeys()
    {
        var bad = (JsonMap)JsonTree.Parse(
            """{"storageClassName":"fast","nodeName":"n","disks":{"paths":["x"],"q":1},"layout":{"type":"y"},"reserve":"z"}""");
        var read = NodeLocalStorageSpec.Read(bad);
        Assert.Equal(OutcomeKind.Rejected, read.Kind);
        Assert.All(
            ["spec.disks.paths[0]:", "spec.disks.q:", "spec.layout.type:", "spec.reserve:"],
            key => Assert.Contains(key, read.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fast", "node-1", "fast.node-1")]
    [InlineData("fast", "node-1.example.com", "fast.node-1.example.com")]
    public void Name_IsClassAndNode(string storageClass, string node, string name) =>
        Assert.Equal(name, NodeLocalStorageName.Of(StorageClassName.Parse(storageClass), NodeName.Parse(node)));

    [Fact]
    public void Name_OfDifferentPairs_IsNeverTheSame()
    {
        var @long = string.Join('.', Enumerable.Repeat(new string('x', 60), 4));
        (string Class, string Node)[] pairs =
        [
            ("a", "b.c"), ("a.b", "c"), ("a.b", "c.d"), ("a", "b.c.d"), ("a.b.c", "d"),
            (@long, "node-1"), (@long, "node-2"), ("a", @long), (@long, @long), (@long[..239], "node-1"),
        ];
        var names = pairs.Select(pair => NodeLocalStorageName.Of(StorageClassName.Parse(pair.Class), NodeName.Parse(pair.Node))).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.True(NodeName.TryParse(name, out _), name));
    }
}

/// <summary>Random contents of NodeLocalStorage objects.</summary>
public static class NodeLocalStorageGen
{
    private static Gen<DevicePath> Paths => Gen.Choose(0, 40).Select(number => DevicePath.Parse($"/dev/disk/by-id/nvme-{number}"));

    private static Gen<Bytes> Sizes =>
        from value in Quantities.Longs.Any
        from shift in Gen.Choose(0, 62)
        select new Bytes(value >> shift);

    private static Gen<VolumeGroupName> Groups => Gen.Elements("fast", "slow", "a+b_c.d").Select(VolumeGroupName.Parse);

    private static Gen<ExtentSize> ExtentSizes => Gen.Choose(10, 34).Select(power => ExtentSize.From(new Bytes(1L << power)));

    private static Gen<Instant> Seconds =>
        Gen.Choose(0, int.MaxValue).Select(second => Instant.Epoch + TimeSpan.FromSeconds(second));

    private static Gen<string> Sentences => Gen.Elements("", "full", "It says \"no\".", "größer 🙂");

    private static Gen<Layout> Layouts => Gen.OneOf(
        Gen.Constant(Layout.Linear),
        Gen.Choose(2, 128).Select(stripes => new Layout(LayoutType.Striped, Stripes: stripes)),
        Gen.Choose(1, 9).Select(mirrors => new Layout(LayoutType.Raid1, Mirrors: mirrors)),
        Gen.Choose(100, 10_000).Select(percent => new Layout(LayoutType.Thin, OverprovisionPercent: percent)));

    private static Gen<DiskRule> Rules =>
        from paths in Paths.ListOf()
        from wipe in Paths.ListOf()
        from match in Gen.Elements("/dev/*", "/dev/disk/by-id/nvme-?", "/dev/sd*").ListOf()
        from minSize in Sizes
        from rotational in Gen.Elements<bool?>(null, true, false)
        select new DiskRule
        {
            Paths = [.. paths.Distinct()],
            Match = [.. match.Select(text => PathPattern.TryParse(text, out var pattern) ? pattern : default)],
            MinSize = minSize,
            Rotational = rotational,
            WipeSignaturesOf = [.. wipe.Distinct()],
        };

    public static Gen<NodeLocalStorageSpec> Specs =>
        from disks in Rules
        from name in Groups
        from extentSize in ExtentSizes
        from adopt in Gen.Elements(true, false)
        from layout in Layouts
        from reserve in Sizes
        from wipe in Gen.Elements(WipePolicy.Zero, WipePolicy.Discard, WipePolicy.Signatures)
        select new NodeLocalStorageSpec
        {
            StorageClass = StorageClassName.Parse("fast"),
            Node = NodeName.Parse("node-1"),
            Disks = disks,
            VolumeGroup = new VolumeGroupWish(name, extentSize, adopt),
            Layout = layout,
            Reserve = reserve,
            Wipe = wipe,
        };

    private static Gen<ReportedDisk> ReportedDisks =>
        from path in Paths
        from id in Gen.Elements("", "wwn-1", "S/N:9")
        from size in Sizes
        from free in Sizes
        from hasFree in Gen.Elements(true, false)
        from state in Gen.Elements(Enum.GetValues<DiskState>())
        from reason in Sentences
        select new ReportedDisk(path, id.Length == 0 ? null : DiskId.Parse(id), size, state, reason) { Free = hasFree ? free : null };

    private static Gen<ReportedVolume> ReportedVolumes =>
        from number in Gen.Choose(0, 1000)
        from size in Sizes
        select new ReportedVolume(ClaimUid.Parse($"uid-{number}"), LogicalVolumeName.Parse($"pvc-uid-{number}"), size);

    private static Gen<StorageCondition> Conditions =>
        from type in Gen.Elements("VolumeGroupReady", "DisksReady")
        from status in Gen.Elements("True", "False", "Unknown")
        from message in Sentences
        from at in Seconds
        from generation in Gen.Choose(0, 9)
        select new StorageCondition(type, status, "Because", message, at) { ObservedGeneration = generation };

    public static Gen<NodeLocalStorageStatus> Statuses =>
        from phase in Gen.Elements(Enum.GetValues<StoragePhase>())
        from conditions in Conditions.ListOf()
        from scan in Quantities.Longs.Any.Select(any => any & NodeLocalStorageStatus.ScanSequenceMax)
        from at in Seconds
        from scanned in Gen.Elements(true, false)
        from name in Groups
        from extentSize in ExtentSizes
        from capacity in Sizes
        from free in Sizes
        from disks in ReportedDisks.ListOf()
        from volumes in ReportedVolumes.ListOf()
        select new NodeLocalStorageStatus
        {
            Phase = phase,
            Conditions = [.. conditions.DistinctBy(condition => condition.Type)],
            ObservedGeneration = scan / 3,
            ScanSequence = scan,
            LastScanTime = scanned ? at : null,
            Machine = scanned ? "4c4c4544-0042" : "",
            VolumeGroup = scanned ? new ReportedVolumeGroup(name, "abcdef-0123", extentSize) : null,
            Capacity = capacity,
            Free = free,
            Disks = [.. disks.DistinctBy(disk => disk.Path)],
            Volumes = [.. volumes.DistinctBy(volume => volume.Claim)],
        };
}
