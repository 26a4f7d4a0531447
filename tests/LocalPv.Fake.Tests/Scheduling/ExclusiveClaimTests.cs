using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>A claim with the access mode <c>ReadWriteOncePod</c> has one Pod at a time.</summary>
public sealed class ExclusiveClaimTests
{
    private readonly SchedulerWorld _world = new() { Provisions = true };

    public ExclusiveClaimTests()
    {
        Cluster.SetUp(_world, "n1", "n2");
        foreach (var (name, mode) in new[] { ("alone", "ReadWriteOncePod"), ("shared", "ReadWriteOnce") })
        {
            _world.Create<PersistentVolumeClaim>(
                ResourceTypes.PersistentVolumeClaims, Cluster.ClaimBody(name).WithAt(["spec", "accessModes"], JsonList.Of(mode)));
        }
    }

    [Fact]
    public void Claim_OfOnePod_KeepsTheNextWaitingUntilThatOneIsGone()
    {
        Cluster.Pod(_world, "first", "alone");
        _world.Run(TimeSpan.FromSeconds(3));
        var node = _world.Pod("first").NodeName;
        Assert.NotEqual("", node);

        Cluster.Pod(_world, "second", "alone");
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("", _world.Pod("second").NodeName);
        Assert.Contains(
            "2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
            _world.Condition("second").Message,
            StringComparison.Ordinal);

        _world.Send(new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("default", "first")) { GracePeriodSeconds = 0 });
        _world.Run(TimeSpan.FromSeconds(15));
        Assert.Equal(node, _world.Pod("second").NodeName);
    }

    [Fact]
    public void Claim_OfManyPods_KeepsNobodyWaiting()
    {
        Cluster.Pod(_world, "first", "shared");
        _world.Run(TimeSpan.FromSeconds(3));
        Cluster.Pod(_world, "second", "shared");
        _world.Run(TimeSpan.FromSeconds(3));

        Assert.NotEqual("", _world.Pod("first").NodeName);
        Assert.Equal(_world.Pod("first").NodeName, _world.Pod("second").NodeName);
    }

    [Fact]
    public void ImportantPod_DrivesTheUserOfItsClaimAway()
    {
        _world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("low", ["alone"], priority: 1));
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.NotEqual("", _world.Pod("low").NodeName);

        _world.Create<Pod>(ResourceTypes.Pods, Cluster.PodBody("high", ["alone"], priority: 10));
        _world.Run(TimeSpan.FromSeconds(15));

        Assert.NotEqual("", _world.Pod("high").NodeName);
        Assert.Null(_world.Server.Find(ResourceTypes.Pods, new ObjectKey("default", "low")));
    }
}
