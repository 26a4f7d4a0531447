using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm;

/// <summary>
/// <see cref="INodeStorage"/> by the programs of lvm2 and util-linux. Each request reads the state first, changes it by one command
/// where it can, and reads it again: the answer is what is there afterwards, and a change that is not there is in doubt. Safe for several
/// threads.
/// </summary>
public sealed class LvmNodeStorage : INodeStorage
{
    // One change at a time in each group; a node has a handful of them.
    private readonly ConcurrentDictionary<VolumeGroupName, SemaphoreSlim> _gates = new();
    private readonly LvmTools _tools;
    private readonly DeviceScanner _devices;
    private readonly GroupRequests _groups;
    private readonly VolumeCreation _creation;
    private readonly VolumeRequests _volumes;
    private readonly VolumeRemoval _removal;

    /// <summary>The storage of this machine.</summary>
    public LvmNodeStorage(LvmOptions options)
        : this(options, new CommandRunner())
    {
    }

    /// <summary>The storage behind a runner of commands, and the files of the machine that they run on; null for this one's.</summary>
    internal LvmNodeStorage(LvmOptions options, ICommandRunner runner, INodeFiles? files = null)
    {
        runner = options.CommandEnded is { } told ? new ObservedCommandRunner(runner, told) : runner;
        files ??= new NodeFiles();
        _devices = new DeviceScanner(options, runner, files);
        _tools = new LvmTools(options, runner, files, _devices);
        _groups = new GroupRequests(_tools, _devices, options);
        _creation = new VolumeCreation(_tools, options);
        _volumes = new VolumeRequests(_tools, options);
        _removal = new VolumeRemoval(_tools, options);
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        if (request.VolumeGroup is not { } group)
        {
            return await ScanAsync(cancellationToken).ConfigureAwait(false);
        }

        var gate = _gates.GetOrAdd(group, _ => new SemaphoreSlim(1, 1));
        try
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Outcome.Failed<NodeStorageAnswer>(
                OutcomeKind.Unavailable, $"The request was given up before its turn came in the volume group {group}.");
        }

        try
        {
            return await ChangeAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    private Task<Outcome<NodeStorageAnswer>> ChangeAsync(NodeStorageRequest request, CancellationToken cancellationToken) => request switch
    {
        NodeStorageRequest.CreateVolumeGroup create => _groups.CreateAsync(create, cancellationToken),
        NodeStorageRequest.ExtendVolumeGroup extend => _groups.ExtendAsync(extend, cancellationToken),
        NodeStorageRequest.RemoveVolumeGroup remove => _groups.RemoveAsync(remove, cancellationToken),
        NodeStorageRequest.CreateLogicalVolume create => _creation.CreateAsync(create, cancellationToken),
        NodeStorageRequest.ExtendLogicalVolume extend => _volumes.ExtendAsync(extend, cancellationToken),
        NodeStorageRequest.RemoveLogicalVolume remove => _removal.RemoveAsync(remove, cancellationToken),
        NodeStorageRequest.TagLogicalVolume tag => _volumes.TagAsync(tag, cancellationToken),
        NodeStorageRequest.ActivateLogicalVolume activate => _volumes.ActivateAsync(activate, cancellationToken),
        _ => throw new UnreachableException($"{request.GetType()} is not a request about a volume group."),
    };

    private async Task<Outcome<NodeStorageAnswer>> ScanAsync(CancellationToken cancellationToken)
    {
        await _devices.AskSilentAgainAsync(cancellationToken).ConfigureAwait(false);

        // The list reads no disk and waits for none, so that it costs no time beside the report.
        var listing = Task.Run(_devices.List, CancellationToken.None);
        var reported = await _tools.GroupsAsync(cancellationToken).ConfigureAwait(false);
        var listed = await listing.ConfigureAwait(false);
        if (!reported.TryGetValue(out var reports))
        {
            return reported.As<NodeStorageAnswer>();
        }

        if (!listed.TryGetValue(out var devices))
        {
            return listed.As<NodeStorageAnswer>();
        }

        // A locked group is not seen, but its disks are its own.
        ImmutableArray<VolumeGroup> groups = [.. reports.Select(report => report.Group)];
        var seen = await _devices.ObserveAsync(devices, groups, cancellationToken).ConfigureAwait(false);
        var disks = seen.Select(device => device.Disk);
        var free = reports.Where(report => !report.IsLocked).Select(report => report.Group);
        return Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(new NodeScan([.. disks], [.. free])));
    }
}
