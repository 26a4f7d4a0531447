using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>The same disks twice: real lvm2 on loop devices, and the fake. What is asked of one is asked of the other.</summary>
internal sealed class TwoNodes : IDisposable
{
    private static readonly ExtentSize Extent = ExtentSize.From(Bytes.FromMebibytes(1));
    private readonly LoopBench _real;
    private readonly FakeLvm _fakeLvm = new("differential");
    private readonly FakeNodeStorage _fake;
    private readonly List<string> _log = [];

    /// <summary>Nodes whose group has disks of so many extents, and spare ones for which it has room later.</summary>
    internal TwoNodes(int[] extents, int spares = 0)
    {
        _real = new LoopBench(extents);
        _fake = new FakeNodeStorage(_fakeLvm);
        foreach (var disk in _real.Disks)
        {
            _fakeLvm.AddDisk(disk.Path.Value, disk.Id.Value, disk.Size);
        }

        AskBoth(new NodeStorageRequest.CreateVolumeGroup(
            StorageCommand.Group, Extent, [.. _real.Disks.SkipLast(spares)], [LvmTag.Parse(WellKnown.OurTag)]));
    }

    /// <summary>Adds a spare disk to the group.</summary>
    internal void AddDisk(int number) => AskBoth(new NodeStorageRequest.ExtendVolumeGroup(
        StorageCommand.Group, "", [_real.Disks[number]]));

    /// <summary>A disk is gone.</summary>
    internal void LoseDisk(int number)
    {
        _log.Add($"lose disk {number}");
        _real.Unplug(_real.Disks[number]);
        _fakeLvm.DiskAt(_real.Disks[number].Path)!.Present = false;
    }

    /// <summary>Asks both, and fails where their outcomes differ.</summary>
    internal void AskBoth(NodeStorageRequest request)
    {
        var real = Ask(_real.Storage, request);
        var fake = Ask(_fake, request);
        _log.Add($"{request} -> {real.Kind}");
        if (real.Kind != fake.Kind || Told(real) != Told(fake))
        {
            Fail($"lvm2: {real.Kind} {real.Message} {Told(real)}\nfake: {fake.Kind} {fake.Message} {Told(fake)}");
        }
    }

    /// <summary>Fails where the two reports of the group differ.</summary>
    internal void Compare()
    {
        var real = Told(Seen(_real.Storage));
        var fake = Told(Seen(_fake));
        if (real != fake)
        {
            Fail($"lvm2 reports: {real}\nfake reports: {fake}");
        }
    }

    /// <summary>Removes all volumes, so that the next sequence begins with an empty group.</summary>
    internal void Empty()
    {
        _log.Clear();
        foreach (var volume in Seen(_fake)?.LogicalVolumes ?? [])
        {
            AskBoth(new NodeStorageRequest.RemoveLogicalVolume(
                StorageCommand.Group, volume.Name, volume.Claim!.Value, Core.Disks.WipePolicy.Signatures));
        }

        Compare();
        _log.Clear();
    }

    public void Dispose() => _real.Dispose();

    private void Fail(string difference) => throw new InvalidOperationException(
        $"lvm2 and the fake differ after:\n{string.Join("\n", _log)}\n{difference}");

    private Outcome<NodeStorageAnswer> Ask(INodeStorage storage, NodeStorageRequest request)
    {
        // Each has its own uuid of the group.
        var asked = request is NodeStorageRequest.ExtendVolumeGroup extend
            ? extend with { Uuid = Seen(storage)?.Uuid ?? "gone" }
            : request;
        return storage.RunAsync(asked, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private static VolumeGroup? Seen(INodeStorage storage)
    {
        var scan = storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return ((NodeStorageAnswer.Scanned)scan.Value).Scan.Group(StorageCommand.Group);
    }

    private static string Told(Outcome<NodeStorageAnswer> outcome) => !outcome.TryGetValue(out var answer) ? "" : answer switch
    {
        NodeStorageAnswer.Group group => Told(group.VolumeGroup),
        NodeStorageAnswer.Volume volume => Told(volume.LogicalVolume),
        _ => answer.GetType().Name,
    };

    private static string Told(VolumeGroup? group) => group is null
        ? "no group"
        : $"{group.Extents} {group.FreeExtents} {group.IsComplete} [{string.Join(", ", group.Tags)}] disks: "
            + string.Join("; ", group.PhysicalVolumes.Select(disk => $"{disk.Path} {disk.Missing} {disk.Extents} {disk.FreeExtents}"))
            + " volumes: " + string.Join("; ", group.LogicalVolumes.Select(Told));

    private static string Told(LogicalVolume volume) =>
        $"{volume.Name} {volume.Extents} {volume.Size} {volume.Layout} {volume.Partial} [{string.Join(", ", volume.Tags)}]";
}
