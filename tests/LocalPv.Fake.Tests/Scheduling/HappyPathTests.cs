using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

public sealed class HappyPathTests
{
    [Fact]
    public void Pod_WithoutClaims_IsBoundAtOnceAndReported()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(50));

        var pod = world.Pod("p");
        Assert.StartsWith("node-", pod.NodeName, StringComparison.Ordinal);
        var report = Assert.Single(world.Server.Snapshot(ResourceTypes.Events));
        Assert.Equal("Scheduled", report.Tree.Text("reason"));
        Assert.Equal($"Successfully assigned default/p to {pod.NodeName}", report.Tree.Text("message"));
        Assert.DoesNotContain(world.Requests, one => one.Request is ClusterRequest.Patch);
    }

    [Fact]
    public void Pod_WithClaim_IsNominatedThenSelectsThenIsBoundOnceTheClaimIs()
    {
        var world = new SchedulerWorld(Cluster.WithExtender()) { Provisions = true };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Claim(world, "c");
        Cluster.Pod(world, "p", "c");

        world.Run(TimeSpan.FromMilliseconds(1100));

        var kinds = world.Requests.Where(one => one.Request.IsWrite).Select(one => one.Request.GetType().Name + " " + one.Request.Resource);
        Assert.Equal(["Patch pods", "Replace persistentvolumeclaims", "CreateSubresource pods", "Create events"], kinds);
        Assert.Equal(world.Claim("c").SelectedNode, world.Pod("p").NodeName);
        Assert.Equal([ExtenderVerb.Filter, ExtenderVerb.Prioritize], world.ExtenderCalls.Select(call => call.Verb));
    }

    [Fact]
    public void Prioritize_WhenOneNodeIsLeft_IsNotCalled()
    {
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => StubExtender.Allow(verb, arguments, name => name == "node-b", "node-b"),
        };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(50));

        Assert.Equal("node-b", world.Pod("p").NodeName);
        Assert.Equal(ExtenderVerb.Filter, Assert.Single(world.ExtenderCalls).Verb);
    }

    [Fact]
    public void Extender_WhenNoNodePassesTheFilters_IsNotCalled()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody("small", cpu: "50m"));
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(50));

        Assert.Empty(world.ExtenderCalls);
        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
                + "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            world.Condition("p").Message);
    }

    [Fact]
    public void Nodes_InFullMode_AreSentWhole()
    {
        var world = new SchedulerWorld(Cluster.WithExtender(new ExtenderSettings { NodeCacheCapable = false }));
        Cluster.SetUp(world, "node-a", "node-b");
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(50));

        var arguments = world.ExtenderCalls[0].Arguments;
        Assert.Null(arguments.NodeNames);
        Assert.Equal(["node-a", "node-b"], arguments.Nodes!.Value.Select(node => node.Name).Order());
        Assert.Contains("allocatable", arguments.Nodes.Value[0].Tree.ToString(), StringComparison.Ordinal);
        Assert.NotEqual("", world.Pod("p").NodeName);
    }
}
