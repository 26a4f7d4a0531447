using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>
/// Replays what a user, a provisioner and an extender did on a real control plane (1.36.2), and expects the same changes of the same
/// objects in the same order, at the same times. The recorded start lay at some fraction of a second; backoffs end on whole ones.
/// </summary>
public sealed class RecordedFlowTests
{
    private const double Tolerance = 0.12;

    [Fact]
    public void Flow1_OneClaim_IsBoundAsRecorded()
    {
        var timeline = Recording.Load("flow1-timeline.json");
        var flow = new Flow(0.9, ["node-a"]);
        flow.At(0.332, () => Cluster.Claim(flow.World, "flow1"));
        flow.At(3.339, () => Cluster.Pod(flow.World, "flow1", "flow1"));
        flow.At(5.432, () => flow.CreateVolume("flow1", "node-a"));
        flow.World.RunUntil(10, flow.Origin);

        flow.AssertAs(timeline, "flow1");
    }

    [Fact]
    public void Flow2_ClearedSelectedNode_IsScheduledAgainAsRecorded()
    {
        var timeline = Recording.Load("flow2-timeline.json");
        var flow = new Flow(0.6073, ["node-a", "node-a", "node-a", "node-a"]);
        flow.At(0.32, () => Cluster.Claim(flow.World, "flow2"));
        flow.At(0.33, () => Cluster.Pod(flow.World, "flow2", "flow2"));
        flow.At(1.59, () => Cluster.ClearSelectedNode(flow.World, "flow2"));
        flow.At(4.696, () => Cluster.ClearSelectedNode(flow.World, "flow2"));
        flow.At(9.684, () => Cluster.ClearSelectedNode(flow.World, "flow2"));
        flow.At(15.49, () => flow.CreateVolume("flow2", "node-a"));
        flow.World.RunUntil(17, flow.Origin);

        flow.AssertAs(timeline, "flow2");
        flow.AssertCallsAs(Recording.Load("flow2-extender-calls.json"));
    }

    [Fact]
    public void Flow2_ExcludedNodes_AreLeftAsideUntilANodeChanges()
    {
        var timeline = Recording.Load("flow2-exclude-timeline.json");
        var excluded = new SortedSet<string>(StringComparer.Ordinal);
        var flow = new Flow(0.237, ["node-c", "node-a"], name => !excluded.Contains(name));
        flow.At(0.325, () => Cluster.Claim(flow.World, "flow2-exclude"));
        flow.At(0.334, () => Cluster.Pod(flow.World, "flow2-exclude", "flow2-exclude"));
        foreach (var (moment, node) in new[] { (1.599, "node-c"), (5.045, "node-a"), (9.984, "node-b") })
        {
            flow.At(moment, () =>
            {
                excluded.Add(node);
                Cluster.ClearSelectedNode(flow.World, "flow2-exclude");
            });
        }

        flow.At(30.043, () => excluded.Remove("node-a"));
        flow.At(50.047, () => flow.Annotate(ResourceTypes.Nodes, ObjectKey.ClusterScoped("node-a")));
        flow.World.RunUntil(50.2, flow.Origin);

        flow.AssertAs(timeline, "flow2-exclude");
        flow.AssertCallsAs(Recording.Load("flow2-exclude-extender-calls.json"));
    }

    [Fact]
    public void Flow9_VolumeOnAnotherNode_TakesThePodThere()
    {
        var timeline = Recording.Load("flow9-reclaim-timeline.json");
        var flow = new Flow(0.445, ["node-a"]);
        flow.At(33.675, () => Cluster.Claim(flow.World, "f9-w"));
        flow.At(33.68, () => Cluster.Pod(flow.World, "f9-w", "f9-w"));
        flow.At(33.741, () => flow.CreateVolume("f9-w", "node-b"));
        flow.World.RunUntil(43, flow.Origin);

        flow.AssertAs(timeline, "f9-w");
        Assert.Equal(["node-b"], flow.World.ExtenderCalls[^1].Arguments.NodeNames);
    }

    [Fact]
    public void Flow9_ReadyVolume_IsBoundAtTheFirstPoll()
    {
        var timeline = new JsonList([.. Recording.Load("flow9-reclaim-timeline.json").Maps().Where(entry => Recording.Seconds(entry) < 2)]);
        var flow = new Flow(0.5, ["node-c"]);
        flow.At(0.32, () => Cluster.Claim(flow.World, "f9-a"));
        flow.At(0.33, () => Cluster.Pod(flow.World, "f9-a", "f9-a"));
        flow.At(0.397, () => flow.CreateVolume("f9-a", "node-c"));
        flow.World.RunUntil(2, flow.Origin);

        flow.AssertAs(timeline, "f9-a");
    }

    /// <summary>A world in which an extender prefers the recorded nodes in turn, and a stand-in does the PV controller's part.</summary>
    private sealed class Flow
    {
        private readonly Queue<string> _favourites;
        private readonly Func<string, bool> _allowed;

        public Flow(double fraction, string[] favourites, Func<string, bool>? allowed = null)
        {
            Origin = SchedulerWorld.Start + TimeSpan.FromSeconds(fraction);
            _favourites = new Queue<string>(favourites);
            _allowed = allowed ?? (_ => true);
            World = new SchedulerWorld(Cluster.WithExtender(), Origin) { Extender = Answer };
            Cluster.SetUp(World, "node-a", "node-b", "node-c");
            World.Server.Committed += change => Answer(change.Object);
        }

        public Instant Origin { get; }

        public SchedulerWorld World { get; }

        public void At(double seconds, Action action) => World.At(Origin + TimeSpan.FromSeconds(seconds), action);

        public void CreateVolume(string claim, string node) =>
            World.Create<PersistentVolume>(ResourceTypes.PersistentVolumes, Cluster.Volume(World.Claim(claim), node));

        public void Annotate(ResourceType type, ObjectKey key) => World.Send(new ClusterRequest.Patch(
            type, key, JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(("example.com/p", World.Now.ToRfc3339Micro()))))))));

        public void AssertAs(JsonList timeline, string name)
        {
            Recording.AssertSame(Recording.Objects(timeline, name), Recording.Objects(World, Origin, name), Tolerance);
            Recording.AssertSame(Recording.Reports(timeline, name), Recording.Reports(World, Origin, name), Tolerance);
        }

        public void AssertCallsAs(JsonList calls)
        {
            var recorded = calls.Items.Cast<JsonList>().Select(call => new Moment(
                double.Parse(((JsonNumber)call[0]).Text, System.Globalization.CultureInfo.InvariantCulture),
                ((JsonText)call[1]).Value[4..],
                string.Join(',', ((JsonList)call[2]).Texts().Order(StringComparer.Ordinal))));
            var happened = World.ExtenderCalls.Select(call => new Moment(
                (call.At - Origin).TotalSeconds,
                call.Verb == ExtenderVerb.Filter ? "filter" : "prioritize",
                string.Join(',', call.Arguments.CandidateNames.Order(StringComparer.Ordinal))));
            Recording.AssertSame([.. recorded], [.. happened], Tolerance);
        }

        private Core.Outcomes.Outcome<ExtenderAnswer>? Answer(ExtenderVerb verb, ExtenderArguments arguments)
        {
            var favourite = verb == ExtenderVerb.Prioritize && _favourites.Count > 0 ? _favourites.Dequeue() : "";
            return StubExtender.Allow(verb, arguments, _allowed, favourite);
        }

        // The PV controller's part, a few milliseconds later.
        private void Answer(KubernetesObject changed)
        {
            if (changed is PersistentVolumeClaim { Provisioner: null, SelectedNode: not null } claim)
            {
                World.After(TimeSpan.FromMilliseconds(2), () => TinyProvisioner.Announce(World, claim.Name));
            }
            else if (changed is PersistentVolume { Phase: "Pending", ClaimKey: { } wanted })
            {
                World.After(TimeSpan.FromMilliseconds(4), () => TinyProvisioner.Bind(World, wanted.Name));
            }
        }
    }
}
