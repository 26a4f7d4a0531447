using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm;
using LocalPv.RealLvm.Tests.Crashes;
using LocalPv.RealLvm.Tests.Guests;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>
/// A node as the documents have it: disks <c>/dev/sda</c> onward that can be pulled out, and a group <c>fast</c>, which two classes share
/// where the kernel has mirrors. The agent looks at the node whenever the test has done something. Commands are typed as in the agent's
/// Pod, with the configuration of its image.
/// </summary>
internal sealed class DocumentNode : IAsyncDisposable
{
    internal const string Fast = "fast";
    internal const string Mirrored = "fast-mirrored";

    /// <summary>The module of the kernel with which there is a class with mirrors too.</summary>
    internal const string Raid = "dm-raid";

    // Where something is wrong the agent looks every few seconds, and each look takes real time.
    private static readonly TimeSpan ScanPeriod = TimeSpan.FromSeconds(30);

    // What the agent does because an object changed, it does at once.
    private static readonly TimeSpan ReactionTime = TimeSpan.FromSeconds(5);

    private readonly RealNode _node;
    private LvmNodeStorage _storage = null!;

    private DocumentNode(ImmutableArray<string> modules) => _node = new RealNode([], "sd", ["sd_mod", .. modules]);

    internal NodeWorld World { get; } = new();

    internal Guest Guest => _node.Guest;

    /// <summary>A node with so many disks of 16 extents, and these modules of the kernel; the classes name the first two.</summary>
    internal static async Task<DocumentNode> StartAsync(int disks, params ImmutableArray<string> modules)
    {
        var node = new DocumentNode(modules);
        try
        {
            await node._node.BootAsync();
            File.Copy(NodeDocument.PathOf("deploy/image/lvm.conf"), Path.Combine(node.Guest.Exchange, "lvm.conf"));

            // A command that waits for a move looks every 15 seconds, too long for a test.
            await node.Guest.ScriptAsync(
                """
                mkdir /run/image
                sed 's/^activation {/&\npolling_interval = 1/' "$2/lvm.conf" >/run/image/lvm.conf
                printf '#!/bin/sh\nexec dotnet %s/localpv.dll "$@"\n' "$3" >/run/image/localpv
                chmod +x /run/image/localpv
                printf 'y\n%.0s' {1..100} >/run/image/yes
                modprobe -d /run/modules scsi_debug dev_size_mb=17 per_host_store=1 add_host=$1
                for try in {1..100}; do [ $(compgen -G '/dev/sd?' | wc -l) = $1 ] && break; sleep 0.1; done
                """,
                $"{disks}", Guest.ExchangeInside, AppContext.BaseDirectory);
            node._storage = new LvmNodeStorage(new LvmOptions(), new GuestCommandRunner(node.Guest), new GuestFiles(node.Guest));
            node.World.StartAgent(node._storage, options: new NodeAgentOptions { Node = NodeWorld.Node, ScanPeriod = ScanPeriod });
            node.AddClass(Fast, "linear");
            if (modules.Contains(Raid))
            {
                node.AddClass(Mirrored, "raid1");
            }

            await node.LookAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until the agent has looked at its disks, and has done what there is to do.</summary>
    internal Task LookAsync() => World.SettleAsync(ScanPeriod + TimeSpan.FromSeconds(5));

    /// <summary>A claim of this node that is bound, with data all over its volume.</summary>
    internal async Task<PersistentVolume> AddVolumeAsync(string name, string className, string size)
    {
        World.Seed(ResourceTypes.PersistentVolumeClaims, WorldObjects.Claim(name, size, NodeWorld.Node.Value, className));
        await World.SettleAsync(ReactionTime);
        var claim = Claim(name);
        Assert.True(claim.Phase == "Bound", World.Describe());
        var volume = World.Volumes.Single(volume => volume.ClaimUid == claim.Uid);
        await VolumeContents.WriteAsync(Guest, [volume]);
        return volume;
    }

    internal PersistentVolumeClaim Claim(string name) => World.Claims.Single(claim => claim.Name == name);

    internal NodeLocalStorage StorageOf(string className) =>
        World.StorageOf(className) ?? throw new InvalidOperationException(World.Describe());

    /// <summary>The operator changes the list of disks of all classes of the group.</summary>
    internal async Task NameDisksAsync(params string[] paths)
    {
        foreach (var storage in World.Server.Snapshot(ResourceTypes.NodeLocalStorages)
            .Where(storage => storage.Tree.Map("spec")?.Map("volumeGroup")?.Text("name") == Fast))
        {
            World.Do(new ClusterRequest.Patch(
                storage.Type, storage.Key, JsonMap.Empty.WithAt(["spec", "disks", "paths"], JsonList.OfTexts(paths))));
        }

        await LookAsync();
    }

    /// <summary>The scheduler gives a claim to the node.</summary>
    internal void Choose(PersistentVolumeClaim claim) => World.Do(new ClusterRequest.Patch(
        claim.Type, claim.Key, JsonMap.Empty.WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], NodeWorld.Node.Value)));

    /// <summary>The operator declares a volume lost, and deletes its claim.</summary>
    internal async Task DeclareLostAsync(PersistentVolume volume)
    {
        World.Do(new ClusterRequest.Patch(
            volume.Type, volume.Key, JsonMap.Empty.WithAt(["metadata", "annotations", WellKnown.LostAnnotation], "true")));
        World.Delete(World.Claims.Single(claim => claim.Uid == volume.ClaimUid));
        await World.SettleAsync(ReactionTime);
    }

    /// <summary>Types a command into the node's agent, and says yes to what it asks; answers what it writes.</summary>
    internal Task<string> TypeAsync(string command) =>
        Guest.ScriptAsync($"export LVM_SYSTEM_DIR=/run/image PATH=/run/image:$PATH\nexec </run/image/yes\n{command}");

    /// <summary>Types a command as above, and cuts it off as soon as it says how far it has come.</summary>
    internal Task<string> TypeAndCutOffAsync(string command) => TypeAsync(
        $$"""
        {{command}} >/run/progress 2>&1 &
        for try in {1..600}; do ! grep -q % /run/progress || break; sleep 0.05; done
        ! kill -KILL $! || ! wait $!
        cat /run/progress
        """);

    /// <summary>The group as the agent's own scan sees it; null where there is none.</summary>
    internal async Task<VolumeGroup?> GroupAsync() => (await ScanAsync()).Group(VolumeGroupName.Parse(Fast));

    /// <summary>What the agent's own scan sees.</summary>
    internal async Task<NodeScan> ScanAsync()
    {
        var outcome = await _storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        return ((NodeStorageAnswer.Scanned)outcome.Value).Scan;
    }

    /// <summary>The data of these volumes is as it was written.</summary>
    internal async Task CheckAsync(params PersistentVolume[] volumes) => Assert.Equal(
        "", await VolumeContents.CompareAsync(Guest, volumes.Select(volume => new WrittenVolume(volume, VolumeContents.SizeOf(volume)))));

    /// <summary>How much of a volume's data can be read on a disk, past the page cache, and behind what LVM itself writes of it.</summary>
    internal async Task<int> LinesOnAsync(string disk, PersistentVolume volume) => int.Parse(
        await Guest.ScriptAsync("dd if=$1 bs=1M skip=1 iflag=direct status=none | grep -a -c $2 || true", disk, volume.ClaimUid!),
        CultureInfo.InvariantCulture);

    /// <summary>A disk is pulled out.</summary>
    internal Task PullAsync(string disk) =>
        Guest.ScriptAsync("readlink -f /sys/block/$1/device >/run/$1.place; echo 1 >/sys/block/$1/device/delete", disk);

    /// <summary>A disk that was pulled out comes back; answers what it is called now.</summary>
    internal async Task<string> PutBackAsync(string disk) => (await Guest.ScriptAsync(
        """
        place=$(</run/$1.place) address=${place##*/}
        echo '- - -' >/sys/class/scsi_host/host${address%%:*}/scan
        for try in {1..100}; do [ -d $place/block ] && break; sleep 0.1; done
        ls $place/block
        """,
        disk)).Trim();

    /// <summary>A class of this node, of the first two disks and their group where nothing else is said.</summary>
    internal void AddClass(string name, string layout, string group = Fast, string disks = "\"/dev/sda\",\"/dev/sdb\"") =>
        World.Seed(ResourceTypes.StorageClasses, WorldObjects.Class(
            name,
            $$"""
            {"nodes":[{"name":"{{NodeWorld.Node}}","disks":[{{disks}}]}],
             "volumeGroup":{"name":"{{group}}","extentSize":"1Mi"},"layout":{"type":"{{layout}}"} }
            """));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        World.Dispose();
    }
}
