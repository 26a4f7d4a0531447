using System.Collections.Concurrent;
using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Lvm;
using LocalPv.RealLvm.Tests.Crashes;
using LocalPv.RealLvm.Tests.Guests;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>
/// A node with a group on disks that fall ill, and one on a disk that stays well; each group has a claim of its own with data in it. The
/// agent's requests run beside each other, as on a node.
/// </summary>
internal sealed class SickNode : IAsyncDisposable, INodeStorage
{
    internal const string Sick = "sick";
    internal const string Well = "well";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Longer than any wait of a test but one: a scan costs a second of real time.
    private static readonly TimeSpan ScanPeriod = TimeSpan.FromHours(1);

    private readonly RealNode _node;
    private readonly SickNodeParts _parts;
    private LvmNodeStorage _storage = null!;

    private SickNode(SickNodeParts parts) => (_parts, _node) = (parts, new RealNode(parts.Disks, parts.DiskKind, parts.Modules));

    internal NodeWorld World { get; } = new();

    internal Guest Guest => _node.Guest;

    /// <summary>What became of each request but scans since the disks were last well, in order.</summary>
    internal ConcurrentQueue<(NodeStorageRequest Request, Outcome<NodeStorageAnswer> Outcome)> Outcomes { get; } = [];

    /// <summary>Gives up the requests that are under way in the sick group, as the agent's driver does when their time is up.</summary>
    internal CancellationTokenSource GiveUp { get; private set; } = new();

    /// <summary>A node whose classes are ready and have a Bound claim each, filled with data.</summary>
    internal static async Task<SickNode> StartAsync(SickNodeParts parts)
    {
        var node = new SickNode(parts);
        try
        {
            await node.BootAsync();
            foreach (var (name, disks) in ((string, ImmutableArray<string>)[])[(Sick, parts.SickPaths), (Well, [parts.WellPath])])
            {
                var paths = string.Join(',', disks.Select(disk => $"\"{disk}\""));
                node.World.Seed(ResourceTypes.StorageClasses, WorldObjects.Class(
                    name,
                    $$"""
                    {"nodes":[{"name":"{{NodeWorld.Node}}","disks":[{{paths}}]}],"volumeGroup":{"name":"{{name}}","extentSize":"1Mi"},
                     "layout":{{(name == Sick ? parts.Layout : SickNodeParts.Linear)}} }
                    """));
            }

            await node.SettleAsync();
            node.AddClaim("kept-sick", Sick);
            node.AddClaim("kept-well", Well);
            await node.SettleAsync();
            await VolumeContents.WriteAsync(node.Guest, node.World.Volumes);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Switches the node on, or off and on again; its agent is new.</summary>
    internal async Task BootAsync()
    {
        await _node.BootAsync();
        await Guest.ScriptAsync(_parts.Setup);
        var options = new LvmOptions
        {
            Devices = [.. _parts.Devices.Select(DevicePath.Parse)],
            Time = new WorldClock(World),

            // A suspended disk takes all of these, once; a well one on a busy machine does not come near.
            ReadTimeLimit = TimeSpan.FromSeconds(8),
            ProbeTimeLimit = TimeSpan.FromSeconds(6),
        };
        _storage = new LvmNodeStorage(options, new GuestCommandRunner(Guest), new GuestFiles(Guest));
        var agent = new NodeAgentOptions { Node = NodeWorld.Node, ScanPeriod = ScanPeriod };
        World.StartAgent(this, options: agent, storageIsConcurrent: true);
    }

    /// <summary>From here on requests are noted anew.</summary>
    internal void Begin()
    {
        Outcomes.Clear();
        GiveUp.Dispose();
        GiveUp = new CancellationTokenSource();
    }

    /// <summary>Runs until nothing but time is left to happen for some minutes.</summary>
    internal Task SettleAsync() => World.SettleAsync(Patience);

    /// <summary>Runs until the agent has looked at its disks without any reason but the time.</summary>
    internal Task AwaitScanAsync() => World.SettleAsync(ScanPeriod + Patience);

    internal void AddClaim(string name, string className, string size = "4Mi") => World.Seed(
        ResourceTypes.PersistentVolumeClaims, WorldObjects.Claim(name, size, NodeWorld.Node.Value, className));

    /// <summary>The scheduler gives a claim to this node again.</summary>
    internal void Reschedule(string name)
    {
        var claim = Claim(name);
        World.Do(new ClusterRequest.Patch(claim.Type, claim.Key, JsonMap.Empty.WithAt(
            ["metadata", "annotations", WellKnown.SelectedNodeAnnotation], NodeWorld.Node.Value)));
    }

    internal PersistentVolumeClaim Claim(string name) => World.Claims.Single(claim => claim.Name == name);

    /// <summary>The volume of a Bound claim.</summary>
    internal PersistentVolume VolumeOf(string claim) => World.Volumes.Single(volume => volume.ClaimUid == Claim(claim).Uid);

    internal string? PhaseOf(string className) => World.StorageOf(className)?.Phase;

    /// <summary>What the report of a class says is wrong, all conditions together.</summary>
    internal string ProblemsOf(string className) => string.Join(
        ' ',
        World.StorageOf(className)?.Report.Conditions.Where(condition => condition.Status != "True")
            .Select(condition => condition.Message) ?? []);

    /// <summary>The kinds of outcome that the creations in the sick group had.</summary>
    internal ImmutableArray<OutcomeKind> CreationsInSick() =>
    [
        .. Outcomes.Where(each => each.Request is NodeStorageRequest.CreateLogicalVolume && IsInSick(each.Request))
            .Select(each => each.Outcome.Kind),
    ];

    /// <summary>The data of the volumes that were there before anything was sick, and nothing else, is on them.</summary>
    internal async Task CheckKeptAsync(params ImmutableArray<string> claims)
    {
        var kept = claims.Select(VolumeOf).Select(volume => new WrittenVolume(volume, VolumeContents.SizeOf(volume)));
        Assert.All(claims, claim => Assert.True(Claim(claim).Phase == "Bound", Describe()));
        Assert.Equal("", await VolumeContents.CompareAsync(Guest, kept));
    }

    /// <summary>LVM has one volume for each claim that has one, and no other; its own check passes.</summary>
    internal async Task CheckVolumesAsync()
    {
        string[] devices = _parts.Devices.IsEmpty ? [] : ["--devices", string.Join(',', _parts.Devices)];
        await Guest.RunAsync("lvm", ["vgck", .. devices]);
        var seen = (await Guest.RunAsync("lvm", ["lvs", "--noheadings", "-o", "lv_name", "--select", "lv_name=~^pvc", .. devices]))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var claimed = World.Claims.Where(claim => claim.VolumeName.Length > 0).Select(claim => claim.VolumeName);
        Assert.True(claimed.Order(StringComparer.Ordinal).SequenceEqual(seen.Order(StringComparer.Ordinal)),
            $"LVM has {string.Join(", ", seen)}\n{Describe()}");
    }

    internal string Describe() => World.Describe() + "\n"
        + string.Join('\n', World.StorageOf(Sick)?.Status, World.StorageOf(Well)?.Status) + "\n"
        + string.Join('\n', Outcomes.Select(each => $"{each.Request}: {each.Outcome}")) + "\n" + Guest.Console;

    /// <inheritdoc/>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        var outcome = await _storage.RunAsync(request, IsInSick(request) ? GiveUp.Token : cancellationToken);
        if (request is not NodeStorageRequest.Scan)
        {
            Outcomes.Enqueue((request, outcome));
            Answered?.Invoke(request);
        }

        return outcome;
    }

    /// <summary>Called after each request but scans.</summary>
    internal Action<NodeStorageRequest>? Answered { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What hangs ends with the guest.
        await _node.DisposeAsync();
        World.Dispose();
        GiveUp.Dispose();
    }

    private static bool IsInSick(NodeStorageRequest request) => request.VolumeGroup?.Value == Sick;

    // The pauses that the backend makes pass as the world's time does.
    private sealed class WorldClock(NodeWorld world) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => world.Now.TicksSinceEpoch;
    }
}
