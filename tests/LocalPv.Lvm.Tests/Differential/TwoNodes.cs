using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>The same disks twice: real lvm2's, and the fake's. What is asked of one is asked of the other.</summary>
internal sealed class TwoNodes
{
    private static readonly ExtentSize Extent = ExtentSize.From(Bytes.FromMebibytes(1));

    // The production's report, and where each segment lies.
    private static readonly string[] ReportArguments =
    [
        .. LvmReport.Arguments.Select(argument =>
            argument == "lv_name,segtype,stripes,zero" ? argument + ",seg_pe_ranges,seg_start_pe" : argument),
    ];

    private readonly IDisksTwice _bench;

    // The groups of which the disks' beginnings are kept: to write them again is quicker than to make the group again.
    private readonly HashSet<string> _kept = [];
    private readonly List<string> _log = [];
    private List<DiskToUse> _plugged = [];
    private LvmNodeStorage _real;
    private FakeLvm _fakeLvm = new("differential");
    private FakeNodeStorage _fake;

    /// <summary>Nodes with blank disks.</summary>
    internal TwoNodes(IDisksTwice bench)
    {
        _bench = bench;
        _bench.Keep("");
        (_real, _fake) = Restart("");
    }

    /// <summary>How many volumes lay in more than one run of extents when reports were compared.</summary>
    internal int Scattered { get; private set; }

    /// <summary>How many requests were done.</summary>
    internal int Done { get; private set; }

    /// <summary>Starts afresh, with a group of these disks, in this order.</summary>
    internal void Begin(int[] members)
    {
        _log.Clear();
        _log.Add($"a group of the disks {string.Join(", ", members)}");
        var key = string.Join(',', members);
        var creation = new NodeStorageRequest.CreateVolumeGroup(
            StorageCommand.Group, Extent, [.. members.Select(number => _bench.Disks[number])], [LvmTag.Parse(WellKnown.OurTag)]);
        if (_kept.Contains(key))
        {
            (_real, _fake) = Restart(key);
            Assert.True(Ask(_fake, creation).IsDone);
            return;
        }

        (_real, _fake) = Restart("");
        AskBoth(creation);
        _kept.Add(key);
        _bench.Keep(key);
    }

    /// <summary>Does what the command says to both, and fails where their outcomes differ.</summary>
    internal void Do(StorageCommand command)
    {
        switch (command.Verb)
        {
            case StorageVerb.AddDisk:
                var disk = _bench.Disks[command.DiskOf(_bench.Disks.Count)];
                AskBoth(new NodeStorageRequest.ExtendVolumeGroup(StorageCommand.Group, "", [disk]));
                break;
            case StorageVerb.LoseDisk:
                LoseDisk(command.DiskOf(_bench.Disks.Count));
                break;
            case StorageVerb.MakeForeign:
                MakeForeign(command);
                break;
            default:
                AskBoth(command.ToRequest());
                break;
        }
    }

    /// <summary>Fails where the two reports of the group differ, or where a volume does not lie on the same extents in both.</summary>
    internal void Compare()
    {
        var (group, places) = Report();
        var fake = _fakeLvm.Observe().Group(StorageCommand.Group);
        var (told, toldByFake) = (Told(group) + places, Told(fake) + Places(fake));
        if (told != toldByFake)
        {
            Fail($"lvm2 reports: {told}\nfake reports: {toldByFake}");
        }
    }

    private (LvmNodeStorage Real, FakeNodeStorage Fake) Restart(string beginning)
    {
        _bench.Restore(beginning);
        _plugged = [.. _bench.Disks];
        _fakeLvm = new FakeLvm("differential");
        foreach (var disk in _bench.Disks)
        {
            _fakeLvm.AddDisk(disk.Path.Value, disk.Id.Value, disk.Size);
        }

        return (_bench.StorageOn(_plugged), new FakeNodeStorage(_fakeLvm));
    }

    private void AskBoth(NodeStorageRequest request)
    {
        // Each has its own uuid of the group.
        var (ofReal, ofFake) = (request, request);
        if (request is NodeStorageRequest.ExtendVolumeGroup extend)
        {
            ofReal = extend with { Uuid = Report().Group?.Uuid ?? "gone" };
            ofFake = extend with { Uuid = _fakeLvm.Observe().Group(StorageCommand.Group)?.Uuid ?? "gone" };
        }

        var real = Ask(_real, ofReal);
        var fake = Ask(_fake, ofFake);
        _log.Add($"{request} -> {real.Kind}");
        Done += real.IsDone ? 1 : 0;
        if (real.Kind != fake.Kind || Told(real) != Told(fake))
        {
            Fail($"lvm2: {real.Kind} {real.Message} {Told(real)}\nfake: {fake.Kind} {fake.Message} {Told(fake)}");
        }
    }

    private void LoseDisk(int number)
    {
        _log.Add($"disk {number} is lost");
        _plugged.Remove(_bench.Disks[number]);
        _real = _bench.StorageOn(_plugged);
        if (_fakeLvm.DiskAt(_bench.Disks[number].Path) is { } lost)
        {
            lost.Present = false;
        }
    }

    private void MakeForeign(StorageCommand command)
    {
        var group = _fakeLvm.Observe().Group(StorageCommand.Group);
        if (group is not { IsComplete: true } || group.FreeExtents.Value < command.Extents || command.Extents == 0
            || group.Volume(command.ForeignName) is not null)
        {
            return;
        }

        _log.Add($"somebody else makes {command.ForeignName} of {command.Extents} extents");
        _bench.Lvm(
            _plugged, "lvcreate", "-an", "-Zn", "-Wn", "-y", "-l", command.Extents.ToString(CultureInfo.InvariantCulture), "-n",
            command.ForeignName.Value, StorageCommand.Group.Value);
        _fakeLvm.CreateForeignVolume(StorageCommand.Group, command.ForeignName, new ExtentCount(command.Extents));
    }

    private (VolumeGroup? Group, string Places) Report()
    {
        // Without a device LVM would look at all there are.
        var text = _plugged.Count == 0 ? """{"report":[]}""" : _bench.Lvm(_plugged, ReportArguments);
        var group = LvmReport.Read(text).FirstOrDefault(found => found.Group.Name == StorageCommand.Group)?.Group;
        var segments = ((JsonMap)JsonTree.Parse(text)).List("report")!.Maps().SelectMany(part => part.List("seg")?.Maps() ?? []);
        var places = segments
            .Where(IsPlain)
            .OrderBy(row => row.Text("lv_name"), StringComparer.Ordinal)
            .ThenBy(row => long.Parse(row.Text("seg_start_pe")!, CultureInfo.InvariantCulture))
            .Select(row => $"\n  {row.Text("lv_name")} {row.Text("seg_pe_ranges")}");
        return (group, string.Concat(places));
    }

    // Of the others, what each disk has left tells where they lie.
    private static bool IsPlain(JsonMap row) => row.Text("segtype") is "linear" or "striped";

    private string Places(VolumeGroup? group)
    {
        var lines = new List<string>();
        foreach (var volume in (group?.LogicalVolumes ?? []).OrderBy(volume => volume.Name.Value, StringComparer.Ordinal))
        {
            if (volume.Layout.Type is LayoutType.Raid1 or LayoutType.Thin)
            {
                continue;
            }

            var rounds = _fakeLvm.RangesOf(StorageCommand.Group, volume.Name).Chunk(volume.Layout.Stripes).ToArray();
            Scattered += rounds.Length > 1 ? 1 : 0;
            lines.AddRange(rounds.Select(round => $"\n  {volume.Name} {string.Join(' ', round.Select(Text))}"));
        }

        return string.Concat(lines);
    }

    private string Text(FakeRange range)
    {
        var disk = _plugged.Exists(disk => disk.Path == range.Disk) ? range.Disk.Value : "[unknown]";
        return $"{disk}:{range.Start}-{range.Start + range.Count - 1}";
    }

    private void Fail(string difference) => throw new InvalidOperationException(
        $"lvm2 and the fake differ after:\n{string.Join("\n", _log)}\n{difference}");

    private static Outcome<NodeStorageAnswer> Ask(INodeStorage storage, NodeStorageRequest request) =>
        storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private static string Told(Outcome<NodeStorageAnswer> outcome) => !outcome.TryGetValue(out var answer) ? "" : answer switch
    {
        NodeStorageAnswer.Group group => Told(group.VolumeGroup),
        NodeStorageAnswer.Volume volume => Told(volume.LogicalVolume),
        _ => answer.GetType().Name,
    };

    private static string Told(VolumeGroup? group) => group is null
        ? "no group"
        : $"{group.Extents} {group.FreeExtents} {group.IsComplete} [{string.Join(", ", group.Tags)}] disks: "
            + string.Join("; ", group.PhysicalVolumes
                .Select(disk => $"{disk.Path} {disk.Missing} {disk.Extents} {disk.FreeExtents}").Order(StringComparer.Ordinal))
            + $" pool: {group.ThinPool?.Extents} {group.ThinPool?.Promised}"
            + " volumes: " + string.Join("; ", group.LogicalVolumes.Select(Told));

    private static string Told(LogicalVolume volume) =>
        $"{volume.Name} {volume.Extents} {volume.Size} {volume.Layout} {volume.Partial} [{string.Join(", ", volume.Tags)}]";
}
