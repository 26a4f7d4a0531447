using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Hosting.Up.Story;

namespace LocalPv.Hosting.Up;

/// <summary>
/// A node of the embedded cluster with its disks on the fake LVM, used by the node's agent and by whoever works behind its back: one at a
/// time, as LVM's own lock has it.
/// </summary>
internal sealed class UpNode : INodeStorage
{
    // The kernel's letters for a second disk onward; the first, sda, is the system's.
    private const string Letters = "bcdefghijklmnopqrstuvwxyz";

    private readonly Lock _gate = new();
    private readonly FakeLvm _lvm;
    private readonly FakeNodeStorage _storage;
    private readonly Timeline _timeline;

    /// <summary>A node called <c>node-number</c> with empty disks.</summary>
    public UpNode(int number, UpOptions options, Timeline timeline)
    {
        Name = NodeName.Parse(string.Create(CultureInfo.InvariantCulture, $"node-{number}"));
        _timeline = timeline;
        _lvm = new FakeLvm(Name.Value);
        for (var i = 0; i < options.DisksPerNode; i++)
        {
            _lvm.AddDisk($"/dev/sd{Letters[i]}", $"ata-FAKE_{Name}_{Letters[i]}", options.DiskSize);
        }

        _storage = new FakeNodeStorage(_lvm);
    }

    /// <summary>The name of the Node.</summary>
    public NodeName Name { get; }

    /// <inheritdoc/>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        ValueTask<Outcome<NodeStorageAnswer>> running;
        lock (_gate)
        {
            running = _storage.RunAsync(request, cancellationToken);
        }

        var outcome = await running.ConfigureAwait(false);
        StorageStory.Tell(_timeline, Name, request, outcome);
        return outcome;
    }

    /// <summary>
    /// Somebody who is not LocalPv takes all the free space of a volume group; answers with the size of what they took, or null where there
    /// is no such group or nothing is free.
    /// </summary>
    public string? FillBehindTheAgent(VolumeGroupName group)
    {
        lock (_gate)
        {
            if (_lvm.Observe().Group(group) is not { } found || found.FreeExtents.Value == 0)
            {
                return null;
            }

            _lvm.CreateForeignVolume(group, LogicalVolumeName.Parse("somebody-elses"), found.FreeExtents);
            return found.ExtentSize.SizeOf(found.FreeExtents).ToString();
        }
    }

    /// <summary>What LVM has now.</summary>
    public NodeScan Observe()
    {
        lock (_gate)
        {
            return _lvm.Observe();
        }
    }
}
