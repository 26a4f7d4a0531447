using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Devices;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Tests;

/// <summary>What real lvm2 wrote on a disk, read without it.</summary>
[Collection(nameof(LoopDevices))]
public sealed class MetadataAreaTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-area");

    [Fact]
    public void Read_AfterEachOfManyCommits_SeesWhatTheReportSees()
    {
        using var bench = new LoopBench([60, 60]);
        Done(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)]));
        var path = bench.Disks[0].Path.Value;

        // Long tags, so that the text goes round the area.
        var filler = LvmTag.Parse(new string('x', 1000));
        for (var i = 0; i < 24; i++)
        {
            var layout = i % 2 == 0 ? Layout.Linear : new Layout(LayoutType.Striped, Stripes: 2);
            var name = LogicalVolumeName.Parse($"pvc-{i}");
            var tag = LvmTag.Parse($"{WellKnown.ClaimTagPrefix}{i}");
            var made = ((NodeStorageAnswer.Volume)Done(bench, new NodeStorageRequest.CreateLogicalVolume(
                Group, name, new ExtentCount(1 + (i % 3)), layout, [tag, filler]))).LogicalVolume;
            var text = MetadataArea.Read((offset, count) => new NodeFiles().ReadBytes(path, offset, count));
            Assert.NotNull(text);
            var read = MetadataText.Volume(text, Group, name, layout, active: false);
            var scan = ((NodeStorageAnswer.Scanned)Done(bench, new NodeStorageRequest.Scan())).Scan;
            Assert.Equal(scan.Group(Group)!.Uuid, MetadataText.UuidOf(text, Group));
            var seen = scan.Group(Group)!.Volume(name)!;
            Assert.Equal(Told(seen), Told(made));
            Assert.Equal(Told(seen), Told(read!));
            Assert.Null(MetadataText.Volume(text, Group, LogicalVolumeName.Parse($"pvc-{i + 1}"), layout, active: false));
            var other = VolumeGroupName.Parse("lpvtest");
            Assert.Null(MetadataText.Volume(text, other, name, layout, active: false));
            Assert.Null(MetadataText.UuidOf(text, other));
        }
    }

    [Fact]
    public void Read_OfABlankOrGarbledDisk_IsNothing()
    {
        Assert.Null(MetadataArea.Read((_, count) => new byte[count]));
        Assert.Null(MetadataArea.Read((_, _) => null));
        using var bench = new LoopBench([20]);
        Done(bench, new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [.. bench.Disks], [LvmTag.Parse(WellKnown.OurTag)]));
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            // One read of the disk gives a byte that is not there.
            var victim = random.Next(3);
            var reads = 0;
            _ = MetadataArea.Read((offset, count) =>
            {
                var bytes = new NodeFiles().ReadBytes(bench.Disks[0].Path.Value, offset, count);
                if (bytes is { Length: > 0 } && reads++ == victim)
                {
                    bytes[random.Next(Math.Min(bytes.Length, 600))] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            });
        }
    }

    private static string Told(LogicalVolume volume) =>
        $"{volume.Name} {volume.Uuid} {volume.Extents} {volume.Size} {volume.Layout} {string.Join(",", volume.Tags)}";

    private static NodeStorageAnswer Done(NodeStorageBench bench, NodeStorageRequest request) =>
        bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult().Value;
}
