using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Controllers.PersistentVolumes;
using LocalPv.Fake.Controllers.Protection;
using LocalPv.Fake.Tests.Driving;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>
/// What users, the scheduler and the provisioner did in a recording is done again at the recorded times; what the controllers make of it
/// must be what the real ones made: the same changes of claims and volumes in the same order, and the same Events.
/// </summary>
public sealed class RecordedFlowTests
{
    // The recording's clock starts here.
    private static readonly Instant Zero = Instant.Epoch + TimeSpan.FromDays(20_000);

    /// <summary>The second number: when within the recording a resync of the PV controller was seen.</summary>
    [Theory]
    [InlineData("flow1-timeline", 14.0)]
    [InlineData("flow2-timeline", 11.62)]
    [InlineData("flow2-exclude-timeline", 12.99)]
    [InlineData("flow9-reclaim-timeline", 0.79)]
    public void Controllers_SameInputsAsRecorded_MakeTheSameChanges(string name, double resyncAt)
    {
        var flow = RecordedFlow.Read(name);
        var driver = new VirtualTimeDriver(
            new FakeApiServer(new FakeApiServerOptions { StartedAt = Zero }), Zero + TimeSpan.FromSeconds(resyncAt - 15));
        var replay = new Replay(driver);
        driver.Start("pv", new PersistentVolumeController(new PersistentVolumeControllerOptions()));
        driver.Start("pvc-protection", new ClaimProtectionController(new ControllerOptions()));
        driver.Start("pv-protection", new VolumeProtectionController(new ControllerOptions()));
        driver.Create(ResourceTypes.StorageClasses, TestObjects.Class("local-wffc", "example.com/local"));

        foreach (var change in flow.Changes)
        {
            var wait = Zero + change.At - driver.Now;
            driver.Run(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            replay.Repeat(change);
        }

        driver.Run(TimeSpan.FromSeconds(1));

        AssertSame(flow.Changes.Where(change => change.IsStorage).Select(change => change.Line(replay.UidOf)), replay.Seen);
        AssertSame(RecordedEvents(flow), replay.Events);
    }

    private static void AssertSame(IEnumerable<string> recorded, IEnumerable<string> ours) =>
        Assert.Equal(string.Join('\n', recorded), string.Join('\n', ours));

    private static SortedSet<string> RecordedEvents(RecordedFlow flow) => new(
        flow.Changes.Where(change => change.Kind == "Event" && change.State.Text("reason") is not ("FailedScheduling" or "Scheduled"))
            .Select(change => $"{change.State.Text("obj")} {change.State.Text("reason")} {change.State.Text("msg")}"),
        StringComparer.Ordinal);

    private sealed class Replay
    {
        // The recorder cut messages here.
        private const int MessageMax = 200;

        private readonly VirtualTimeDriver _driver;
        private readonly Dictionary<string, string> _uids = [];
        private readonly Dictionary<string, RecordedChange> _last = [];

        public Replay(VirtualTimeDriver driver)
        {
            _driver = driver;
            driver.Server.Committed += OnCommitted;
        }

        public List<string> Seen { get; } = [];

        public SortedSet<string> Events { get; } = new(StringComparer.Ordinal);

        public string UidOf(string recorded) => _uids.GetValueOrDefault(recorded, recorded);

        /// <summary>Does what was done from outside the controllers to bring this change about; nothing where they did it.</summary>
        public void Repeat(RecordedChange change)
        {
            var identity = change.Kind + "/" + change.Name;
            var before = _last.GetValueOrDefault(identity);
            switch (change)
            {
                case { Kind: "PersistentVolumeClaim", Change: "ADDED" }:
                    _driver.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim(change.Name, "local-wffc", "1Gi"));
                    break;
                case { Kind: "PersistentVolumeClaim" }
                    when before is not null && change.Annotation("selected-node") != before.Annotation("selected-node"):
                    Patch(change.Name, change.Annotation("selected-node") is { } node ? (JsonTree)node : JsonNull.Instance);
                    break;
                case { Kind: "PersistentVolume", Change: "ADDED" }:
                    _driver.Create(ResourceTypes.PersistentVolumes, Volume(change));
                    break;
                case { Kind: "Pod", Change: "ADDED" }:
                    // The Pods of the recordings use the claim of their name; the second Pod of a claim has a number after it.
                    var claim = change.Name.Replace("-a2", "-a", StringComparison.Ordinal);
                    _driver.Create(ResourceTypes.Pods, TestObjects.Pod(change.Name, claim));
                    break;
                case { Kind: "Pod", Change: "MODIFIED" } when change.State.Text("node") is { } host && before?.State.Text("node") is null:
                    Bind(change.Name, host);
                    break;
                case { Kind: not "Event", Change: "MODIFIED", IsBeingDeleted: true } when before is { IsBeingDeleted: false }:
                    Delete(change);
                    break;
            }

            _last[identity] = change;
        }

        private void OnCommitted(Change change)
        {
            var seen = change.Object;
            if (seen is PersistentVolumeClaim or PersistentVolume)
            {
                Seen.Add(RecordedChange.Line(change.Type.ToString().ToUpperInvariant(), seen));
            }
            else if (seen.Type == ResourceTypes.Events)
            {
                var message = seen.Tree.Text("message") ?? "";
                var about = seen.Tree.Map("involvedObject")?.Text("name");
                Events.Add($"{about} {seen.Tree.Text("reason")} {(message.Length > MessageMax ? message[..MessageMax] : message)}");
            }
        }

        private void Patch(string claim, JsonTree node) => Assert.True(_driver.Send(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumeClaims,
            new ObjectKey("default", claim),
            JsonMap.Empty.WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], node))).IsDone);

        private void Bind(string pod, string node) => Assert.True(_driver.Send(new ClusterRequest.CreateSubresource(
            ResourceTypes.Pods,
            new ObjectKey("default", pod),
            "binding",
            JsonMap.Of(
                ("metadata", JsonMap.Of(("name", pod))),
                ("target", JsonMap.Of(("kind", "Node"), ("name", node)))))).IsDone);

        private void Delete(RecordedChange change)
        {
            var type = change.Kind switch
            {
                "Pod" => ResourceTypes.Pods,
                "PersistentVolume" => ResourceTypes.PersistentVolumes,
                _ => ResourceTypes.PersistentVolumeClaims,
            };
            var outcome = _driver.Send(new ClusterRequest.Delete(type, new ObjectKey(type.Namespaced ? "default" : "", change.Name))
            {
                GracePeriodSeconds = type == ResourceTypes.Pods ? 0 : null,
            });
            Assert.True(outcome.IsDone, outcome.Message);
        }

        private JsonMap Volume(RecordedChange change)
        {
            var claim = change.State.Text("claim")!;
            var uid = change.State.Text("claimUid");
            if (uid is not null && _driver.Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", claim)) is { } known)
            {
                _uids[uid] = known.Uid;
            }
            else if (uid is null && change.Name.StartsWith("pvc-", StringComparison.Ordinal))
            {
                _uids[change.Name[4..]] = _driver.Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", claim))!.Uid;
            }

            return TestObjects.Volume(
                change.Name,
                "local-wffc",
                "1Gi",
                "node-a",
                new ObjectKey("default", claim),
                uid is null ? null : UidOf(uid),
                change.Annotation("provisioned-by"));
        }
    }
}
