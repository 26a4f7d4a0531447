using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L02: when all is done, nothing more is written and LVM is left alone: no claim is given back, no volume changes, no object of ours is
/// written but for heartbeats (reports that say the same, leases), and events do not flood any object. What no node can serve is tried
/// again, but seldom: a node that has said no is left at once, and asked again after five minutes at the soonest. Each claim that is given
/// back may wake the scheduler twice: at once, as what it gives back may be what another waits for, and when its node may be tried again;
/// and what is offered there is less until then, and more after.
/// </summary>
internal sealed class L02ThenThereIsSilence()
    : LivenessRule("L02", "When all is done there is silence.", TimeSpan.FromMinutes(30)), IFollowsObjects, IFollowsVolumes
{
    private static readonly TimeSpan SettledAfter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan KeptAwayMost = TimeSpan.FromMinutes(5);
    private const int WritesMax = 4;

    // A burst of 25 for each object, and one every five minutes, as client-go rations them; clocks that are not quite right.
    private const int EventsMax = 35;
    private const int RetriesMax = 8;
    private readonly SortedDictionary<string, int> _writes = new(StringComparer.Ordinal);
    private Instant _healedAt = Instant.Never;
    private int _wakesDue;
    private string? _loud;

    /// <inheritdoc/>
    public override void OnHealed(Instant now) => _healedAt = now;

    public void OnCommit(Commit commit)
    {
        if (_healedAt != Instant.Never && Truth.Now - _healedAt > SettledAfter - KeptAwayMost && IsGivenBack(commit.Change))
        {
            _wakesDue += IsSettled ? 2 : 1;
        }

        if (!IsSettled || !commit.IsOurs || commit.Change.Object.Type.Kind == "Lease" || IsHeartbeat(commit.Change))
        {
            return;
        }

        if (commit.Change.Object is { Type.Kind: "Event" } news)
        {
            var about = news.Tree.Map("involvedObject");
            Count($"{commit.Actor} writes events about {about?.Text("kind")} {about?.Text("name")} {about?.Text("uid")}", EventsMax);
            return;
        }

        var written = $"{commit.Change.Object.Type.Kind} {commit.Change.Object.Key}";
        if (IsKeptAway(commit.Change))
        {
            Count($"{commit.Actor} limits {written}", RetriesMax + _wakesDue);
            return;
        }

        var most = IsWakeUp(commit.Change) ? RetriesMax + _wakesDue : IsGivenBack(commit.Change) ? RetriesMax : WritesMax;
        Count($"{commit.Actor} writes {written}", most);
    }

    public void OnVolume(VolumeChange change)
    {
        if (IsSettled && change.By is { } by)
        {
            // An orphan that somebody holds is tried again after an hour: what waited for its room is made, and tagged, only then.
            Count($"{by.Process} changes {change.Volume}", WritesMax);
        }
    }

    /// <inheritdoc/>
    public override string? Pending() => _loud;

    private bool IsSettled => _healedAt != Instant.Never && Truth.Now - _healedAt > SettledAfter;

    private void Count(string what, int most)
    {
        var times = _writes[what] = _writes.GetValueOrDefault(what) + 1;
        if (times > most)
        {
            _loud ??= $"{what} again and again ({times} times).";
        }
    }

    private static bool IsGivenBack(Change change) =>
        change is { Object: PersistentVolumeClaim after, Previous: PersistentVolumeClaim before }
        && after.SelectedNode != before.SelectedNode && after.Annotation(WellKnown.FailedOnAnnotation) is not null;

    private static bool IsKeptAway(Change change) => IsWakeUp(change)
        && change.Object.Tree.Text("maximumVolumeSize") != change.Previous!.Tree.Text("maximumVolumeSize");

    private static bool IsWakeUp(Change change) => change is { Object.Type.Kind: "CSIStorageCapacity", Previous: { } woken }
        && change.Object.Tree.Text("capacity") == woken.Tree.Text("capacity");

    private static bool IsHeartbeat(Change change) =>
        change is { Object: NodeLocalStorage after, Previous: NodeLocalStorage before }
        && Content(after).Equals(Content(before));

    private static JsonMap Content(NodeLocalStorage storage) => storage.Status.Without("scanSequence").Without("lastScanTime");
}
