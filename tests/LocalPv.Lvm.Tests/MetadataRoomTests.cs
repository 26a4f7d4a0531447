using System.Globalization;
using System.Text;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// How many volumes find room in the description of a group that LVM keeps on each disk: docs/limits.md has the figures. One volume is made
/// by the backend; the others are its description again, with names of their own, since to make a thousand takes minutes.
/// </summary>
[Collection(nameof(LoopDevices))]
public sealed class MetadataRoomTests : IDisposable
{
    private const string Host = "node-1.example.com";

    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-room");
    private static readonly ClaimUid First = ClaimUid.Parse("0b0e9a52-0000-4000-8000-000000000000");

    // A mirrored volume has two volumes inside for each copy, each on the copy's disk.
    private readonly LoopBench _bench = new([12_000, 12_000]);

    [Theory]
    [InlineData(false, false, 1_100, 1_200)]
    [InlineData(false, true, 260, 290)]
    [InlineData(true, false, 5_000, null)]
    [InlineData(true, true, 700, null)]
    public void Group_HoldsAsManyVolumesAsTheDocumentSays(bool made, bool mirrored, int fit, int? tooMany)
    {
        if (!made)
        {
            Done(new NodeStorageRequest.CreateVolumeGroup(
                Group, ExtentSize.Default, [.. _bench.Disks],
                [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.NodeTagPrefix + Host)]));
        }
        else
        {
            Lvm([.. Documents.CommandOf("docs/limits.md", "vgcreate").Select(word => word switch
            {
                "fast" => Group.Value,
                "/dev/sdb" => _bench.Disks[0].Path.Value,
                "/dev/sdc" => _bench.Disks[1].Path.Value,
                _ => word,
            })]);
        }

        Done(new NodeStorageRequest.CreateLogicalVolume(
            Group, NameOf(First.Value), new ExtentCount(1), Layout.Linear,
            [
                LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + First.Value),
                LvmTag.Parse(WellKnown.ClaimKeyTagPrefix + "production/data-postgres-0"),
            ]));
        var file = Path.Combine(_bench.Folder, "described.txt");
        Lvm("vgcfgbackup", "--file", file, Group.Value);
        var described = File.ReadAllText(file);
        Restore(file, Multiplied(described, mirrored, fit));
        var scan = ((NodeStorageAnswer.Scanned)Done(new NodeStorageRequest.Scan())).Scan;
        Assert.Equal(fit, scan.Group(Group)!.LogicalVolumes.Length);
        if (tooMany is { } more)
        {
            var refusal = Assert.Throws<InvalidOperationException>(() => Restore(file, Multiplied(described, mirrored, more)));
            Assert.Contains("exceeds maximum metadata size", refusal.Message, StringComparison.Ordinal);
        }
    }

    // A disk with less room would make the whole group's less.
    [Fact]
    public void Disk_ThatComesLater_GetsTheSameRoomAsTheDocumentSays()
    {
        var disks = _bench.Disks.Select(disk => disk.Path.Value).ToArray();
        Lvm([.. Documents.CommandOf("docs/limits.md", "vgcreate")[..^3], Group.Value, disks[0]]);
        Lvm([.. Documents.InSentence("docs/limits.md", "vgextend"), Group.Value, disks[1]]);
        var rooms = _bench.Lvm(_bench.Disks, "pvs", "--noheadings", "-o", "pv_mda_size")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, rooms.Length);
        Assert.Single(rooms.Distinct());
    }

    public void Dispose() => _bench.Dispose();

    private void Restore(string file, string text)
    {
        File.WriteAllText(file, text);
        Lvm("vgcfgrestore", "--force", "--file", file, Group.Value);
    }

    // The same group with so many volumes like its only one.
    private static string Multiplied(string described, bool mirrored, int count)
    {
        var name = NameOf(First.Value).Value;
        var from = described.IndexOf($"\t\t{name} {{", StringComparison.Ordinal);
        var to = described.IndexOf("\n\t\t}\n", from, StringComparison.Ordinal) + "\n\t\t}\n".Length;
        var volume = described[from..to];
        volume = volume.Replace(Line(volume, "\t\t\tcreation_host"), $"\t\t\tcreation_host = \"{Host}\"", StringComparison.Ordinal);
        var all = new StringBuilder(described[..from]);
        for (var i = 0; i < count; i++)
        {
            var (uid, own) = ($"0b0e9a52-0000-4000-8000-{i:d12}", volume);
            own = own.Replace(First.Value, uid, StringComparison.Ordinal)
                .Replace("data-postgres-0", $"data-postgres-{i}", StringComparison.Ordinal);
            if (!mirrored)
            {
                all.Append(At(own, i % 2, i / 2));
                continue;
            }

            name = NameOf(uid).Value;
            all.Append(WithUuid(own[..own.IndexOf("\t\t\t\ttype = ", StringComparison.Ordinal)]
                + $$"""
                type = "raid1"
                device_count = 2
                region_size = 4096

                raids = [
                "{{name}}_rmeta_0", "{{name}}_rimage_0",
                "{{name}}_rmeta_1", "{{name}}_rimage_1"
                ]
                }
                }

                """));
            for (var copy = 0; copy < 2; copy++)
            {
                all.Append(Inner(own, $"{name}_rmeta_{copy}", copy, 2 * i)).Append(Inner(own, $"{name}_rimage_{copy}", copy, (2 * i) + 1));
            }
        }

        return all.Append(described[to..]).ToString();
    }

    // A volume inside a mirrored one: not visible, without tags.
    private static string Inner(string volume, string name, int disk, int extent)
    {
        var lines = volume.Split('\n').Where(line => !line.StartsWith("\t\t\ttags", StringComparison.Ordinal)).ToArray();
        lines[0] = $"\t\t{name} {{";
        return At(string.Join('\n', lines).Replace(", \"VISIBLE\"", "", StringComparison.Ordinal), disk, extent);
    }

    private static string At(string volume, int disk, int extent)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"\"pv{disk}\", {extent}");
        return WithUuid(volume.Replace(Line(volume, "\t\t\t\t\t\"pv"), place, StringComparison.Ordinal));
    }

    private static string WithUuid(string volume)
    {
        var text = Guid.NewGuid().ToString("N");
        return volume.Replace(
            Line(volume, "\t\t\tid = "),
            $"\t\t\tid = \"{text[..6]}-{text[6..10]}-{text[10..14]}-{text[14..18]}-{text[18..22]}-{text[22..26]}-{text[26..32]}\"",
            StringComparison.Ordinal);
    }

    private static string Line(string text, string start) =>
        text.Split('\n').First(line => line.StartsWith(start, StringComparison.Ordinal));

    private static LogicalVolumeName NameOf(string uid) => LogicalVolumeName.Parse("pvc-" + uid);

    private void Lvm(params string[] arguments) => _bench.Lvm(_bench.Disks, arguments);

    private NodeStorageAnswer Done(NodeStorageRequest request) =>
        _bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult().Value;
}
