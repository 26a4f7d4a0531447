using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Lvm;

/// <summary>What the requests about volume groups do to a <see cref="FakeLvm"/>.</summary>
internal static class FakeGroupCommands
{
    internal static Outcome<NodeStorageAnswer> Create(FakeLvm lvm, NodeStorageRequest.CreateVolumeGroup request, bool half)
    {
        if (request.Disks.IsEmpty)
        {
            return Failed(OutcomeKind.Refused, $"The volume group {request.Name} needs a disk at least.");
        }

        if (lvm.Groups.Any(group => group.IsSeen && group.Name == request.Name))
        {
            return Failed(OutcomeKind.AlreadyExists, $"A volume group called {request.Name} already exists.");
        }

        if (WhyNot(lvm, request.Disks, request.ExtentSize) is { } why)
        {
            return Failed(OutcomeKind.Rejected, why);
        }

        if (half)
        {
            lvm.LabelDisk(lvm.DiskAt(request.Disks[0].Path)!);
            return Failed(OutcomeKind.InDoubt, "Stopped after the first label.");
        }

        var made = new FakeVolumeGroup(request.Name, lvm.NewUuid(), request.ExtentSize);
        made.Tags.UnionWith(request.Tags);
        foreach (var disk in request.Disks)
        {
            lvm.Join(made, lvm.DiskAt(disk.Path)!);
        }

        lvm.Add(made);
        return Answer(made);
    }

    internal static Outcome<NodeStorageAnswer> Extend(FakeLvm lvm, NodeStorageRequest.ExtendVolumeGroup request, bool half)
    {
        if (!TryFind(lvm, request.Name, request.Uuid, out var group, out var failure))
        {
            return failure;
        }

        var news = request.Disks.Where(disk => lvm.DiskAt(disk.Path)?.Label?.Group != group).ToImmutableArray();
        if (news.IsEmpty)
        {
            return Answer(group);
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Rejected, $"Cannot change the volume group {group.Name} while a disk of it is missing.");
        }

        if (WhyNot(lvm, news, group.ExtentSize) is { } why)
        {
            return Failed(OutcomeKind.Rejected, why);
        }

        foreach (var disk in half ? news[..1] : news)
        {
            lvm.Join(group, lvm.DiskAt(disk.Path)!);
        }

        return Answer(group);
    }

    internal static Outcome<NodeStorageAnswer> Remove(FakeLvm lvm, NodeStorageRequest.RemoveVolumeGroup request, bool half)
    {
        if (!TryFind(lvm, request.Name, request.Uuid, out var group, out var failure))
        {
            return failure;
        }

        if (!group.Tags.Any(tag => tag.Value == WellKnown.OurTag))
        {
            return Failed(OutcomeKind.Rejected, $"The volume group {group.Name} is not ours: it lacks the tag {WellKnown.OurTag}.");
        }

        if (group.Volumes.Count > 0)
        {
            return Failed(OutcomeKind.Rejected, $"The volume group {group.Name} holds {group.Volumes.Count} volumes.");
        }

        if (!group.IsComplete)
        {
            return Failed(OutcomeKind.Unavailable, $"Cannot remove the volume group {group.Name} while a disk of it is missing.");
        }

        var labels = group.Disks.ToArray();
        lvm.Remove(group);
        if (half)
        {
            foreach (var label in labels)
            {
                lvm.LabelDisk(label.Disk);
            }
        }

        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Removed());
    }

    private static bool TryFind(
        FakeLvm lvm, VolumeGroupName name, string uuid, out FakeVolumeGroup group, out Outcome<NodeStorageAnswer> failure)
    {
        var seen = lvm.Groups.FirstOrDefault(candidate => candidate.IsSeen && candidate.Name == name);
        group = seen!;
        var frozen = seen is null ? null : lvm.WhyFrozen(seen);
        failure = seen is null
            ? Failed(OutcomeKind.NotFound, $"There is no volume group {name}.")
            : Failed(OutcomeKind.Rejected, frozen ?? $"The volume group {name} has the uuid {seen.Uuid}, not {uuid}.");
        return seen is not null && seen.Uuid == uuid && frozen is null;
    }

    private static string? WhyNot(FakeLvm lvm, ImmutableArray<DiskToUse> disks, ExtentSize extentSize) =>
        disks.Select(disk => WhyNot(lvm, disk, extentSize)).FirstOrDefault(why => why is not null);

    private static string? WhyNot(FakeLvm lvm, DiskToUse wanted, ExtentSize extentSize)
    {
        if (lvm.DiskAt(wanted.Path) is not { } disk)
        {
            return $"{wanted.Path}: no disk is there any more.";
        }

        if (disk.Id != wanted.Id || disk.Size != wanted.Size)
        {
            return $"{wanted.Path}: is disk {disk.Id} with {disk.Size}, not {wanted.Id} with {wanted.Size}.";
        }

        var held = disk.MountPoint.Length > 0 || disk.Holder.Length > 0 || disk.Label?.Group is not null;
        var unfit = !disk.Readable || disk.ReadOnly || held;
        var marked = disk.Signature.Length > 0 || disk.Partitioned || disk.Label is not null;
        return unfit ? $"{wanted.Path}: is in use, read-only or unreadable."
            : marked && !wanted.WipeSignatures ? $"{wanted.Path}: carries a signature now."
            : FakeLvm.ExtentsOn(disk, extentSize) == ExtentCount.Zero ? $"{wanted.Path}: is too small."
            : null;
    }

    private static Outcome<NodeStorageAnswer> Answer(FakeVolumeGroup group) =>
        Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Group(group.Observe()));

    private static Outcome<NodeStorageAnswer> Failed(OutcomeKind kind, string message) => Outcome.Failed<NodeStorageAnswer>(kind, message);
}
