using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>What the scheduler does when things are late, gone, in the way, or nobody tells it.</summary>
public sealed class SchedulerScenarioTests
{
    [Fact]
    public void RejectedPod_WithoutAnyEvent_IsTriedAgainAfterFiveMinutesAtTheNextLook()
    {
        var world = Rejecting();
        Cluster.Pod(world, "p");
        world.Run(TimeSpan.FromSeconds(10));
        world.ExtenderCalls.Clear();

        world.Run(TimeSpan.FromSeconds(289));
        Assert.Empty(world.ExtenderCalls);
        world.Run(TimeSpan.FromSeconds(32));

        var retry = Assert.Single(world.ExtenderCalls);
        Assert.InRange((retry.At - SchedulerWorld.Start).TotalSeconds, 300, 331);
    }

    [Fact]
    public void LeftOverSelectedNode_PinsTheNextPodToThatNode()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        world.Create<PersistentVolumeClaim>(
            ResourceTypes.PersistentVolumeClaims,
            Cluster.ClaimBody("c").WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], "node-b"));
        Cluster.Pod(world, "p", "c");

        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["node-b"], Assert.Single(world.ExtenderCalls).Arguments.CandidateNames);
    }

    [Fact]
    public void PinnedPod_WhenItsNodeIsRefused_SaysSoForEveryNode()
    {
        var world = Rejecting();
        world.Create<PersistentVolumeClaim>(
            ResourceTypes.PersistentVolumeClaims,
            Cluster.ClaimBody("c").WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], "node-b"));
        Cluster.Pod(world, "p", "c");

        world.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(
            "0/3 nodes are available: 1 stub: not allowed, 2 node(s) didn't find available persistent volumes to bind. "
                + "no new claims to deallocate, preemption: 0/3 nodes are available: "
                + "1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
            world.Condition("p").Message);
    }

    [Fact]
    public void MissingClaim_IsNamed_AndItsCreationWakesThePod()
    {
        var world = new SchedulerWorld { Provisions = true };
        Cluster.SetUp(world, "node-a");
        Cluster.Pod(world, "p", "late");
        world.Run(TimeSpan.FromSeconds(3));
        Assert.StartsWith(
            "0/1 nodes are available: persistentvolumeclaim \"late\" not found.", world.Condition("p").Message, StringComparison.Ordinal);

        Cluster.Claim(world, "other");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal("", world.Pod("p").NodeName);

        Cluster.Claim(world, "late");
        world.Run(TimeSpan.FromSeconds(1.2));
        Assert.Equal("node-a", world.Pod("p").NodeName);
    }

    [Fact]
    public void ClaimThatChanged_MakesTheWriteConflict_AndThePodIsTriedAgainAfterBackoff()
    {
        var world = new SchedulerWorld(Cluster.WithExtender()) { Provisions = true };
        Cluster.SetUp(world, "node-a");
        Cluster.Claim(world, "c");
        Cluster.Pod(world, "p", "c");
        var spoiled = false;
        world.Fault = request =>
        {
            if (request is ClusterRequest.Replace && !spoiled)
            {
                spoiled = true;
                world.Server.Send(world.Now, new ClusterRequest.Patch(
                    ResourceTypes.PersistentVolumeClaims,
                    new ObjectKey("default", "c"),
                    JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(("example.com/p", "1"))))))));
            }

            return null;
        };

        world.Run(TimeSpan.FromSeconds(1));
        Assert.Contains("the object has been modified", world.Condition("p").Message, StringComparison.Ordinal);
        Assert.Equal("SchedulerError", world.Condition("p").Reason);
        Assert.Null(world.Claim("c").SelectedNode);

        world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("node-a", world.Pod("p").NodeName);
    }

    [Fact]
    public void SecondOfTwoClaims_WhenItsWriteFails_LeavesTheFirstWritten()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, "node-a", "node-b");
        Cluster.Claim(world, "c1");
        Cluster.Claim(world, "c2");
        Cluster.Pod(world, "p", "c1", "c2");
        world.Fault = request => request is ClusterRequest.Replace { Key.Name: "c2" }
            ? Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "etcdserver: leader changed")
            : null;

        world.Run(TimeSpan.FromSeconds(2.5));

        var node = world.Claim("c1").SelectedNode;
        Assert.NotNull(node);
        Assert.Null(world.Claim("c2").SelectedNode);
        Assert.Equal([node], world.ExtenderCalls[^1].Arguments.CandidateNames);
    }

    [Fact]
    public void Claims_ThatAreNeverBound_AreGivenUpAfterTheBindTimeout()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "node-a");
        Cluster.Claim(world, "c");
        Cluster.Pod(world, "p", "c");

        world.Run(TimeSpan.FromSeconds(599));
        Assert.Equal("", world.Condition("p").Reason);
        world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(
            "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded", world.Condition("p").Message);
        Assert.Equal("node-a", world.Claim("c").SelectedNode);
    }

    [Fact]
    public void Node_ThatGoesAway_FailsTheBinding()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "node-a");
        Cluster.Claim(world, "c");
        Cluster.Pod(world, "p", "c");
        world.Run(TimeSpan.FromMilliseconds(500));

        world.Send(new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped("node-a")));
        world.Run(TimeSpan.FromSeconds(1));

        var report = Recording.Reports(world, SchedulerWorld.Start, "p")[0].Text;
        Assert.Contains("failed to get node \"node-a\"", report, StringComparison.Ordinal);
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("no nodes available to schedule pods", world.Condition("p").Message);
    }

    [Fact]
    public void Pod_DeletedWhileItsClaimsAreBound_LeavesItsRoomAtOnce()
    {
        var world = new SchedulerWorld();
        world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody("node-a", cpu: "1"));
        Cluster.SetUp(world);
        Cluster.Claim(world, "c");
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("first", ["c"], cpu: "1"));
        world.Run(TimeSpan.FromMilliseconds(200));
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("second", [], cpu: "1"));
        world.Run(TimeSpan.FromMilliseconds(200));
        Assert.Equal("Unschedulable", world.Condition("second").Reason);

        world.Send(new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("default", "first")) { GracePeriodSeconds = 0 });
        world.Run(TimeSpan.FromMilliseconds(200));

        Assert.Equal("node-a", world.Pod("second").NodeName);
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 0), (world.Scheduler.Waiting, world.Scheduler.Binding));
    }

    [Fact]
    public void Restart_WhileAClaimIsBound_AsksFirstForTheNominatedNodeAlone()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Claim(world, "c");
        Cluster.Pod(world, "p", "c");
        world.Run(TimeSpan.FromMilliseconds(500));
        var chosen = world.Claim("c").SelectedNode!;
        world.ExtenderCalls.Clear();

        world.Restart();
        world.Run(TimeSpan.FromMilliseconds(100));
        TinyProvisioner.Provision(world, world.Claim("c"), chosen);
        world.Run(TimeSpan.FromSeconds(1.5));

        Assert.Equal([chosen], Assert.Single(world.ExtenderCalls).Arguments.CandidateNames);
        Assert.Equal(chosen, world.Pod("p").NodeName);
    }

    [Fact]
    public void BindingInDoubt_ThatHappened_IsNotRepeated()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "node-a", "node-b");
        Cluster.Pod(world, "p");
        world.Fault = request =>
        {
            if (request is not ClusterRequest.CreateSubresource)
            {
                return null;
            }

            world.Server.Send(world.Now, request);
            return Outcome.Failed<ClusterAnswer>(OutcomeKind.InDoubt, "the answer was lost");
        };

        world.Run(TimeSpan.FromSeconds(5));

        Assert.Single(world.Requests, one => one.Request is ClusterRequest.CreateSubresource);
        Assert.NotEqual("", world.Pod("p").NodeName);
        Assert.Equal(0, world.Scheduler.Waiting);
    }

    [Fact]
    public void HigherPriority_GoesFirst()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, "node-a");
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("a", [], priority: 0));
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("b", [], priority: 0));
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("c", [], priority: 9));

        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["c", "a", "b"], world.ExtenderCalls.Select(call => call.Arguments.Pod.Name));
    }

    [Fact]
    public void Pods_AreScheduledOneAtATime_AndAHangingExtenderHoldsUpAll()
    {
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => arguments.Pod.Name == "slow" ? null : StubExtender.AllowAll(verb, arguments),
        };
        Cluster.SetUp(world, "node-a");
        Cluster.Pod(world, "slow");
        Cluster.Pod(world, "swift");

        world.Run(TimeSpan.FromSeconds(4.9));
        Assert.Equal("", world.Pod("swift").NodeName);
        world.Run(TimeSpan.FromSeconds(0.3));

        Assert.Equal("node-a", world.Pod("swift").NodeName);
    }

    private static SchedulerWorld Rejecting()
    {
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => StubExtender.Allow(verb, arguments, _ => false, ""),
        };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        return world;
    }
}
