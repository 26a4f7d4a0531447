using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Lvm;
using LocalPv.RealLvm.Tests.Guests;
using LocalPv.RealLvm.Tests.World;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>What a user or an administrator does to a node.</summary>
internal enum Deed
{
    CreateClaim,
    DeleteClaim,
    GrowClaim,
    ReplaceGroup,
}

/// <summary>
/// A node with two small disks and one class, its agent, and what users do: and after each deed the look at LVM that tells whether
/// anything was lost, doubled or left behind.
/// </summary>
internal sealed class NodeLife : IAsyncDisposable
{
    private const string Group = "fast";

    // A wipe of some MiB is then as many commands as one of a TiB: it can be killed between any two.
    private static readonly LvmOptions WipesInSmallParts =
        new() { WipeStep = Bytes.FromMebibytes(1), WipePart = TimeSpan.FromMilliseconds(500) };

    private const string Storage =
        """
        {"nodes":[{"name":"node-a","disks":["/dev/ubda","/dev/ubdb"]}],
         "volumeGroup":{"name":"fast","extentSize":"1Mi"},"wipe":"zero"}
        """;

    // Longer than every wait of the agent that matters here; it costs no real time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly NodeWorld _world = new();
    private readonly RealNode _node = new([Bytes.FromMebibytes(17), Bytes.FromMebibytes(17)]);
    private readonly SortedDictionary<string, long> _written = new(StringComparer.Ordinal);
    private int _names;

    internal NodeWorld World => _world;

    internal RealNode Node => _node;

    internal CommandTimes Times { get; } = new();

    internal int ClaimCount => _world.Claims.Count();

    internal bool HasClass => _world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(NodeWorld.ClassName)) is not null;

    /// <summary>How the node that runs now is to die.</summary>
    internal KillPlan Plan { get; private set; } = null!;

    /// <summary>Boots the node and starts a fresh agent.</summary>
    internal async Task BootAsync()
    {
        await _node.BootAsync();
        Plan = new KillPlan(_node.Guest, Times);
        RestartAgent();
    }

    internal void InstallClass() => _world.Seed(ResourceTypes.StorageClasses, WorldObjects.Class(NodeWorld.ClassName, Storage));

    /// <summary>Replaces the agent's process by a new one.</summary>
    internal void RestartAgent(Action<Effect, bool>? atEffect = null) =>
        _world.StartAgent(_node.Storage(WipesInSmallParts, Plan), atEffect);

    internal Task SettleAsync() => _world.SettleAsync(Patience);

    /// <summary>Does it; the agent has not heard of it yet.</summary>
    internal void Do(Deed deed, int which)
    {
        var claims = _world.Claims.ToImmutableArray();
        switch (deed)
        {
            case Deed.CreateClaim:
                var size = string.Create(CultureInfo.InvariantCulture, $"{2 + (which % 5)}Mi");
                _world.Seed(
                    ResourceTypes.PersistentVolumeClaims,
                    WorldObjects.Claim($"claim-{_names++}", size, NodeWorld.Node.Value, NodeWorld.ClassName));
                break;
            case Deed.DeleteClaim:
                _world.Delete(claims[which % claims.Length]);
                break;
            case Deed.GrowClaim:
                var claim = claims[which % claims.Length];
                var grown = _world.Volumes.Single(volume => volume.ClaimUid == claim.Uid);
                _world.Do(new ClusterRequest.Patch(claim.Type, claim.Key, JsonMap.Of(("spec", JsonMap.Of(
                    ("resources", WorldObjects.Requests(
                        (VolumeContents.SizeOf(grown) + (2 << 20)).ToString(CultureInfo.InvariantCulture))))))));
                break;
            case Deed.ReplaceGroup:
                _world.Delete(_world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(NodeWorld.ClassName))!);
                if (_world.Storage is { } storage)
                {
                    _world.Delete(storage);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(deed));
        }
    }

    /// <summary>
    /// After a deed and whatever happened to it: every claim is Bound and has one volume with its data, nothing else is there, LVM's own
    /// check passes, and no block of a new volume shows another's data. Then fills what is new.
    /// </summary>
    internal async Task CheckAsync(string after)
    {
        var story = $"after {after}:\n{_world.Describe()}\n{_node.Guest.Console}";
        Assert.True(_world.Storage?.Phase == "Ready", $"The storage is not ready {story}");
        Assert.All(_world.Claims, claim => Assert.True(claim.Phase == "Bound", $"{claim.Name} is not Bound {story}"));
        var volumes = _world.Volumes.ToImmutableArray();
        Assert.True(
            volumes.Select(volume => volume.ClaimUid).Order().SequenceEqual(_world.Claims.Select(claim => claim.Uid).Order()),
            $"The volumes are not those of the claims {story}");
        await _node.Guest.RunAsync("lvm", "vgck", Group);
        var seen = (await _node.Guest.RunAsync(
                "lvm", "lvs", "--noheadings", "--units", "b", "--nosuffix", "--separator", " ", "-o", "lv_name,lv_size,lv_active", Group))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal);
        var expected = volumes.Select(volume => $"pvc-{volume.ClaimUid} {VolumeContents.SizeOf(volume)} active")
            .Order(StringComparer.Ordinal);
        Assert.True(seen.SequenceEqual(expected), $"LVM has\n{string.Join('\n', seen)}\nand not\n{string.Join('\n', expected)}\n{story}");
        var differences = await VolumeContents.CompareAsync(
            _node.Guest, volumes.Select(volume => new WrittenVolume(volume, _written.GetValueOrDefault(volume.ClaimUid))));
        Assert.True(differences.Length == 0, $"A volume holds something else:\n{differences}\n{story}");
        var fresh = volumes.Where(volume => _written.GetValueOrDefault(volume.ClaimUid) < VolumeContents.SizeOf(volume)).ToImmutableArray();
        await VolumeContents.WriteAsync(_node.Guest, fresh);
        foreach (var volume in fresh)
        {
            _written[volume.ClaimUid] = VolumeContents.SizeOf(volume);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _world.Dispose();
        await _node.DisposeAsync();
    }
}
