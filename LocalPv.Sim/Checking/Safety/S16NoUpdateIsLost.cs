using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S16: the status of a NodeLocalStorage is written by its node's agent only, and every write of ours to an object that others write too
/// carries the version it was computed from. Source: open-local#67.
/// </summary>
internal sealed class S16NoUpdateIsLost()
    : Rule("S16", "One writer of each report; no write without the version it rests on."), IFollowsObjects, IFollowsRequests
{
    private static readonly string[] Shared =
        ["PersistentVolumeClaim", "PersistentVolume", "NodeLocalStorage", "StorageClass", "Node", "Pod"];

    public void OnCommit(Commit commit)
    {
        if (commit.Change is { Type: ChangeType.Modified, Object: NodeLocalStorage after, Previous: NodeLocalStorage before }
            && !after.Status.Equals(before.Status)
            && !(Actors.IsAgent(commit.Actor) && Actors.NodeOf(commit.Actor) == after.NodeName))
        {
            Broken($"the status of {after.Name} was written by {(commit.Actor.Length > 0 ? commit.Actor : "somebody")}.");
        }
    }

    public void Before(ClusterCall call)
    {
        if (Array.IndexOf(Shared, call.Request.Resource.Kind) >= 0 && !Targets.IsGuarded(call.Request))
        {
            Broken($"{call.Process} sends an unconditional {call.Request.GetType().Name} of {call.Request.Resource}.");
        }
    }
}
