using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>More important Pods drive less important ones away, where that helps, and nowhere else.</summary>
public sealed class PreemptionTests
{
    [Fact]
    public void ImportantPod_OnAFullNode_DrivesAwayAsFewAsItNeedsAndGetsTheRoom()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "n1");
        Create(world, "low-old", "1500m", 1);
        world.Run(TimeSpan.FromSeconds(1));
        Create(world, "low", "1500m", 1);
        Create(world, "middle", "1", 5);
        world.Run(TimeSpan.FromSeconds(1));
        Start(world, "low-old", "2026-11-22T09:00:00Z");
        Start(world, "low", "2026-11-22T09:30:00Z");

        Create(world, "high", "1200m", 10);
        world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal("n1", world.Pod("high").NodeName);
        Assert.Equal("n1", world.Pod("low-old").NodeName);
        Assert.Equal("n1", world.Pod("middle").NodeName);
        Assert.False(Exists(world, "low"));
        var told = world.History.Select(entry => entry.Change.Object).OfType<Pod>()
            .Last(pod => pod.Name == "low").Tree.At("status", "conditions") as JsonList;
        Assert.Contains(told!.Maps(), one => one.Text("type") == "DisruptionTarget" && one.Text("reason") == "PreemptionByScheduler");
        Assert.Contains(Events(world, "low"), happened => happened.Tree.Text("reason") == "Preempted"
            && happened.Tree.Text("message") == $"Preempted by pod {world.Pod("high").Uid} on node n1");
    }

    [Fact]
    public void ImportantPod_WhileItsVictimEnds_IsNominatedAndNobodyTakesTheRoom()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "n1");
        Create(world, "low", "3", 1, finalizer: "example.com/slow");
        world.Run(TimeSpan.FromSeconds(1));
        Create(world, "high", "3", 10);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal("n1", (world.Pod("high").Tree.At("status", "nominatedNodeName") as JsonText)?.Value);
        Assert.True(world.Pod("low").IsBeingDeleted);

        // There is room for this one beside the Pod that goes, but not beside the one that comes and the room it is to have.
        world.Send(new ClusterRequest.Patch(
            ResourceTypes.Pods, new ObjectKey("default", "low"), JsonMap.Of(("metadata", JsonMap.Of(("finalizers", JsonNull.Instance))))));
        Create(world, "sneaky", "2", 5);
        world.Run(TimeSpan.FromSeconds(15));

        Assert.Equal("n1", world.Pod("high").NodeName);
        Assert.Equal("", world.Pod("sneaky").NodeName);
        Assert.Equal("", (world.Pod("sneaky").Tree.At("status", "nominatedNodeName") as JsonText)?.Value ?? "");
    }

    [Fact]
    public void Choice_BetweenNodes_IsTheOneWhoseVictimsMatterLeast()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "n1", "n2", "n3");
        foreach (var (node, priority) in new[] { ("n1", 7), ("n2", 3), ("n3", 5) })
        {
            world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("on-" + node, [], cpu: "3500m", priority: priority)
                .WithAt(["spec", "nodeName"], node));
        }

        Create(world, "high", "3", 10);
        world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal("n2", world.Pod("high").NodeName);
        Assert.True(Exists(world, "on-n1") && Exists(world, "on-n3"));
    }

    [Fact]
    public void ImportantPod_ThatWouldNotFitOnTheEmptyNode_DrivesNobodyAway()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "n1");
        Create(world, "low", "2", 1);
        world.Run(TimeSpan.FromSeconds(1));

        Create(world, "huge", "5", 10);
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("polite", [], cpu: "3", priority: 10)
            .WithAt(["spec", "preemptionPolicy"], "Never"));
        world.Run(TimeSpan.FromSeconds(3));

        Assert.True(Exists(world, "low"));
        Assert.Contains(
            "preemption: 0/1 nodes are available: 1 Preemption is not helpful", world.Condition("huge").Message, StringComparison.Ordinal);
        Assert.Contains("not eligible due to preemptionPolicy=Never.", world.Condition("polite").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AntiAffinity_OfALessImportantPod_GivesWay()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "n1");
        var away = JsonMap.Of(("podAntiAffinity", JsonMap.Of(("requiredDuringSchedulingIgnoredDuringExecution", JsonList.Of(JsonMap.Of(
            ("labelSelector", JsonMap.Of(("matchLabels", JsonMap.Of(("app", "high"))))),
            ("topologyKey", WellKnown.HostNameLabel)))))));
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("low", [], priority: 1).WithAt(["spec", "affinity"], away));
        Create(world, "bystander", "100m", 1);
        world.Run(TimeSpan.FromSeconds(1));

        Create(world, "high", "100m", 10);
        world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal("n1", world.Pod("high").NodeName);
        Assert.False(Exists(world, "low"));
        Assert.True(Exists(world, "bystander"));
    }

    [Theory]
    [InlineData(true, "Preemption is not helpful for scheduling")]
    [InlineData(false, "expected at least one victim pod on node")]
    public void Extender_ThatSaysWhetherGoingWouldHelp_DecidesWhetherPodsAreTried(bool unresolvable, string reason)
    {
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => verb == ExtenderVerb.Filter && arguments.Pod.Name == "high"
                ? StubExtender.Allow(verb, arguments, _ => false, "", unresolvable)
                : StubExtender.AllowAll(verb, arguments),
        };
        Cluster.SetUp(world, "n1");
        Create(world, "low", "1", 1);
        world.Run(TimeSpan.FromSeconds(1));

        Create(world, "high", "1", 10);
        world.Run(TimeSpan.FromSeconds(3));

        Assert.True(Exists(world, "low"));
        Assert.Contains(reason, world.Condition("high").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extender_IsNotAskedAboutVictims_SoAPodMayGoForNothing()
    {
        // kube-scheduler found the node full before it asked the extender, and asks only its own filters whether going would help.
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => verb == ExtenderVerb.Filter && arguments.Pod.Name == "high"
                ? StubExtender.Allow(verb, arguments, _ => false, "", unresolvable: true)
                : StubExtender.AllowAll(verb, arguments),
        };
        Cluster.SetUp(world, "n1");
        Create(world, "low", "3", 1);
        world.Run(TimeSpan.FromSeconds(1));

        Create(world, "high", "3", 10);
        world.Run(TimeSpan.FromSeconds(30));

        Assert.False(Exists(world, "low"));
        Assert.Equal("", world.Pod("high").NodeName);
    }

    private static void Create(SchedulerWorld world, string name, string cpu, long priority, string? finalizer = null)
    {
        var body = Cluster.PodBody(name, [], cpu: cpu, priority: priority);
        world.Create<Pod>(
            ResourceTypes.Pods, finalizer is null ? body : body.WithAt(["metadata", "finalizers"], JsonList.Of(finalizer)));
    }

    private static void Start(SchedulerWorld world, string pod, string at) => world.Send(new ClusterRequest.Patch(
        ResourceTypes.Pods, new ObjectKey("default", pod), JsonMap.Of(("status", JsonMap.Of(("startTime", at)))), "status"));

    private static bool Exists(SchedulerWorld world, string pod) =>
        world.Server.Find(ResourceTypes.Pods, new ObjectKey("default", pod)) is not null;

    private static IEnumerable<KubernetesObject> Events(SchedulerWorld world, string about) => world.Server
        .Snapshot(ResourceTypes.Events).Where(happened => (happened.Tree.At("involvedObject", "name") as JsonText)?.Value == about);
}
