using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S13: when a PersistentVolume of ours is made, its logical volume is there: with our tag and the claim's, and with nothing at its
/// beginning that a kubelet would take for a file system. One that somebody removed by hand in the meantime is not our doing.
/// </summary>
internal sealed class S13VolumesAreBacked()
    : Rule("S13", "A PersistentVolume is made only of a logical volume that exists."), IFollowsObjects, IFollowsProcesses
{
    private readonly Dictionary<string, Instant> _askedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instant> _goneAt = new(StringComparer.Ordinal);

    public void OnStarted(string process, int life)
    {
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
    }

    public void OnAsked(string process, int life, Effect effect)
    {
        if (effect is Effect.CallCluster { Request: ClusterRequest.Create create } && create.Type == ResourceTypes.PersistentVolumes
            && create.Body.Map("metadata")?.Text("name") is { } name)
        {
            _askedAt[name] = Truth.Now;
        }
    }

    public void OnCommit(Commit commit)
    {
        if (commit.Change is { Type: ChangeType.Deleted, Object: PersistentVolume gone })
        {
            _goneAt[gone.Name] = Truth.Now;
        }

        if (commit is not { Change: { Type: ChangeType.Added, Object: PersistentVolume volume }, IsOurs: true }
            || Truth.RemovedByHandAt(volume.ClaimUid) is not null || IsLateAgain(volume))
        {
            return;
        }

        var found = Truth.LogicalVolumesOf(volume.ClaimUid);
        if (found.Count == 0)
        {
            Broken($"{volume.Name} was made, but no node has a logical volume of claim {volume.ClaimUid}.");
        }
        else if (!found.Any(logical => logical.IsOurs))
        {
            Broken($"{volume.Name} was made of {found[0]}, which lacks our tag.");
        }
        else if (found.SelectMany(Truth.ReadStart).FirstOrDefault(
            text => !text.EndsWith(volume.ClaimUid, StringComparison.Ordinal)) is { } old)
        {
            Broken($"{volume.Name} was made of {found[0]}, which begins with '{old}': a Pod would get that instead of a new file system.");
        }
    }

    // It was made once and is gone, and nobody has asked for it since: a request that was given up and repeated is carried out after all.
    private bool IsLateAgain(PersistentVolume volume) =>
        _goneAt.TryGetValue(volume.Name, out var gone) && _askedAt.TryGetValue(volume.Name, out var asked) && asked < gone;
}
