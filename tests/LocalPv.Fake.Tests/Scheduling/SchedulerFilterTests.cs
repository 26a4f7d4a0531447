using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>Which nodes the scheduler takes into consideration, whom it asks about them, and which of them it prefers.</summary>
public sealed class SchedulerFilterTests
{
    [Fact]
    public void Nodes_ThatAreCordonedTaintedOrUnlike_AreCountedByReason()
    {
        var world = new SchedulerWorld();
        world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody("cordoned").With("spec", JsonMap.Of(("unschedulable", true))));
        world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody("tainted").With("spec", JsonMap.Of(("taints", JsonList.Of(
            JsonMap.Of(("key", "dedicated"), ("value", "db"), ("effect", "NoSchedule")))))));
        world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody("plain"));
        world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("p", []).WithAt(["spec", "nodeSelector", "disk"], "nvme"));

        world.Run(TimeSpan.FromSeconds(1));

        Assert.StartsWith(
            "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), "
                + "1 node(s) were unschedulable. ",
            world.Condition("p").Message,
            StringComparison.Ordinal);

        world.Send(new ClusterRequest.Patch(
            ResourceTypes.Nodes,
            ObjectKey.ClusterScoped("plain"),
            JsonMap.Of(("metadata", JsonMap.Of(("labels", JsonMap.Of(("disk", "nvme"))))))));
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal("plain", world.Pod("p").NodeName);
    }

    [Fact]
    public void ReportedCapacity_WhereTheDriverOptsIn_FiltersAndItsGrowthWakes()
    {
        var world = new SchedulerWorld { Provisions = true };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        world.Send(new ClusterRequest.Delete(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(Cluster.StorageClass)));
        world.Create<StorageClass>(ResourceTypes.StorageClasses, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", Cluster.StorageClass))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", "WaitForFirstConsumer")));
        world.Create<KubernetesObject>(
            new ResourceType("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false),
            JsonMap.Of(
                ("metadata", JsonMap.Of(("name", WellKnown.DefaultProvisioner))),
                ("spec", JsonMap.Of(("storageCapacity", true), ("attachRequired", false)))));
        CreateCapacity(world, "node-a", "5Gi");
        Cluster.Claim(world, "c", "10Gi");
        Cluster.Pod(world, "p", "c");
        world.Run(TimeSpan.FromSeconds(5));
        Assert.StartsWith(
            "0/3 nodes are available: 3 node(s) did not have enough free storage.", world.Condition("p").Message, StringComparison.Ordinal);

        CreateCapacity(world, "node-b", "20Gi");
        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Equal("node-b", world.Claim("c").SelectedNode);
    }

    [Fact]
    public void FreeVolume_ThatFits_IsBoundInsteadOfMakingANewOne()
    {
        var world = new SchedulerWorld();
        Cluster.SetUp(world, "node-a", "node-b");
        Cluster.Claim(world, "c", "1Gi");
        var body = Cluster.Volume(world.Claim("c"), "node-b", names: false).WithAt(["metadata", "name"], "ready");
        world.Create<PersistentVolume>(ResourceTypes.PersistentVolumes, body);
        world.Send(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumes,
            ObjectKey.ClusterScoped("ready"),
            JsonMap.Of(("status", JsonMap.Of(("phase", "Available")))),
            "status"));
        world.Run(TimeSpan.FromMilliseconds(20));
        var pod = Cluster.PodBody("p", ["c"]).WithAt(["spec", "nodeSelector", WellKnown.HostNameLabel], "node-b");
        world.Create<Pod>(ResourceTypes.Pods, pod);

        world.Run(TimeSpan.FromMilliseconds(200));

        var volume = (PersistentVolume)world.Send(
            new ClusterRequest.Get(ResourceTypes.PersistentVolumes, ObjectKey.ClusterScoped("ready"))).Object!;
        Assert.Equal(world.Claim("c").Uid, volume.ClaimUid);
        Assert.Null(world.Claim("c").SelectedNode);
    }

    [Fact]
    public void LargeCluster_IsSampled_AndTheNextSearchGoesOnWhereTheLastEnded()
    {
        var world = new SchedulerWorld(Cluster.WithExtender());
        Cluster.SetUp(world, [.. Enumerable.Range(0, 250).Select(Name)]);
        world.Run(TimeSpan.FromMilliseconds(100));
        Cluster.Pod(world, "p1");
        world.Run(TimeSpan.FromMilliseconds(100));
        Cluster.Pod(world, "p2");
        world.Run(TimeSpan.FromMilliseconds(100));

        // 50 - 250 / 125 = 48 percent.
        var filters = world.ExtenderCalls.Where(call => call.Verb == ExtenderVerb.Filter).ToArray();
        Assert.Equal(Enumerable.Range(0, 120).Select(Name), filters[0].Arguments.CandidateNames);
        Assert.Equal(Enumerable.Range(120, 120).Select(Name), filters[1].Arguments.CandidateNames);
    }

    /// <summary>
    /// Each sample of a large cluster has other reasons, so each failure changes the Pod's condition; the scheduler takes its own write for
    /// news, and since 1.33 an empty active queue does not wait for a backoff. Looking at all nodes gives the same answer each time.
    /// </summary>
    [Theory]
    [InlineData("1.36", 0, 100, 10_000)]
    [InlineData("1.36", 100, 1, 2)]
    [InlineData("1.32", 0, 2, 3)]
    public void PodThatFitsNowhere_IsTriedWithoutPause_OnlyWhereSamplesOfNodesAreTried(
        string version, int percentage, int attemptsAtLeast, int attemptsAtMost)
    {
        var world = new SchedulerWorld(Cluster.WithExtender() with
        {
            Version = version == "1.36" ? SchedulerVersion.Kubernetes136 : SchedulerVersion.Kubernetes132,
            PercentageOfNodesToScore = percentage,
        });
        world.Extender = (verb, arguments) => StubExtender.Allow(
            verb, arguments, _ => false, "", unresolvable: true, name => "no space on " + name);
        Cluster.SetUp(world, [.. Enumerable.Range(0, 250).Select(Name)]);
        world.Run(TimeSpan.FromSeconds(1));
        Cluster.Pod(world, "p");
        world.Run(TimeSpan.FromSeconds(3));

        Assert.InRange(world.ExtenderCalls.Count, attemptsAtLeast, attemptsAtMost);
    }

    [Fact]
    public void IgnorableExtender_ThatFails_IsPassedOver_AndIsAskedLast()
    {
        var first = new ExtenderSettings { UrlPrefix = "http://ignorable", Ignorable = true, Prioritizes = false };
        var second = new ExtenderSettings { UrlPrefix = "http://strict", Prioritizes = false };
        var world = new SchedulerWorld(new SchedulerOptions { Extenders = [first, second] });
        world.Extender = (verb, arguments) => world.ExtenderCalls.Count == 1
            ? StubExtender.Allow(verb, arguments, name => name == "node-a", "")
            : Outcome.Failed<ExtenderAnswer>(OutcomeKind.Unavailable, "no");
        Cluster.SetUp(world, "node-a", "node-b");
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["node-a", "node-b"], world.ExtenderCalls[0].Arguments.CandidateNames);
        Assert.Equal(["node-a"], world.ExtenderCalls[1].Arguments.CandidateNames);
        Assert.Equal("node-a", world.Pod("p").NodeName);
    }

    [Fact]
    public void Extender_OfManagedResources_IsAskedOnlyAboutPodsThatNameOne()
    {
        var world = new SchedulerWorld(Cluster.WithExtender(new ExtenderSettings { ManagedResources = ["example.com/gpu"] }));
        Cluster.SetUp(world, "node-a");
        Cluster.Pod(world, "p");

        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Empty(world.ExtenderCalls);
        Assert.Equal("node-a", world.Pod("p").NodeName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OwnScores_WithNamesPreferTheEmptyNode_WithWholeNodesAreBlind(bool nodeCacheCapable)
    {
        var world = new SchedulerWorld(Cluster.WithExtender(new ExtenderSettings { NodeCacheCapable = nodeCacheCapable }));
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        foreach (var full in new[] { "node-a", "node-b" })
        {
            var body = Cluster.PodBody("fills-" + full, [], cpu: "3", memory: "6Gi").WithAt(["spec", "nodeName"], full);
            world.Create<Pod>(ResourceTypes.Pods, body);
        }

        world.Run(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 10; i++)
        {
            Cluster.Pod(world, "small-" + i.ToString(CultureInfo.InvariantCulture));
            world.Run(TimeSpan.FromMilliseconds(100));
        }

        var nodes = Enumerable.Range(0, 10).Select(i => world.Pod("small-" + i.ToString(CultureInfo.InvariantCulture)).NodeName).Distinct();
        Assert.Equal(nodeCacheCapable, nodes.SequenceEqual(["node-c"]));
    }

    private static string Name(int index) => "node-" + index.ToString("000", CultureInfo.InvariantCulture);

    private static void CreateCapacity(SchedulerWorld world, string node, string capacity) => world.Create<KubernetesObject>(
        ResourceTypes.CsiStorageCapacities,
        JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "capacity-" + node), ("namespace", "default"))),
            ("storageClassName", Cluster.StorageClass),
            ("capacity", capacity),
            ("nodeTopology", JsonMap.Of(("matchLabels", JsonMap.Of((WellKnown.HostNameLabel, node)))))));
}
