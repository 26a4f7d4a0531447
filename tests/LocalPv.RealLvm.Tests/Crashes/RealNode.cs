using System.Collections.Immutable;
using LocalPv.Core.Units;
using LocalPv.Lvm;
using LocalPv.Lvm.Commands;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>A node with disks that outlive it: a guest that can be booted again and again.</summary>
internal sealed class RealNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-node-").FullName;
    private readonly GuestOptions _options;
    private Guest? _guest;

    internal RealNode(ImmutableArray<Bytes> disks, string diskKind = "ubd", params ImmutableArray<string> modules)
    {
        _options = new GuestOptions
        {
            Disks = [.. disks.Select((size, index) => GuestDisk.Create(_folder, $"disk-{index}", size))],
            DiskKind = diskKind,
            Modules = ["dm-mod", .. modules],
        };
    }

    /// <summary>The guest that runs now.</summary>
    internal Guest Guest => _guest ?? throw new InvalidOperationException("The node is off.");

    /// <summary>Switches the node on; kills it before where it runs.</summary>
    internal async Task BootAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }

        _guest = await Guest.BootAsync(_options);
    }

    /// <summary>The node's storage for one life of the agent, its commands run by <paramref name="runner"/>.</summary>
    internal LvmNodeStorage Storage(LvmOptions options, ICommandRunner? runner = null) =>
        new(options, runner ?? new GuestCommandRunner(Guest), new GuestFiles(Guest));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
