using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>What becomes of a node that is not heard of any more, and of the Pods on it.</summary>
public sealed class NodeLossTests
{
    private readonly ClusterWorld _world = new(["n1", "n2"]);

    [Fact]
    public void Node_ThatIsSilent_IsUnknownAfterFiftySecondsAndItsPodsGoAfterFiveMinutes()
    {
        RunPod("web", "n1");
        _world.Crash("kubelet/n1");

        _world.Run(45);
        Assert.Equal("True", Ready("n1"));
        _world.Run(20);
        Assert.Equal("Unknown", Ready("n1"));
        Assert.Equal(
            ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"], Taints("n1"));
        Assert.False(_world.Pod("web")!.IsRunningAndReady());
        Assert.False(_world.Pod("web")!.IsBeingDeleted);

        _world.Run(270);
        Assert.False(_world.Pod("web")!.IsBeingDeleted);
        _world.Run(40);

        // It is asked to go, but only its kubelet could say that it has gone. Its volume is not touched.
        Assert.True(_world.Pod("web")!.IsBeingDeleted);
        Assert.Contains("TaintManagerEviction", _world.EventsAbout("web"));
        Assert.Equal("Bound", _world.Claim("data")!.Phase);
        Assert.Single(_world.Volumes);
        Assert.Equal("True", Ready("n2"));
    }

    [Fact]
    public void Node_ThatComesBackInTime_LosesItsTaintsAndKeepsItsPods()
    {
        RunPod("web", "n1");
        _world.Crash("kubelet/n1");
        _world.Run(120);
        Assert.NotEmpty(Taints("n1"));

        _world.Restart("kubelet/n1");
        _world.Await(() => Ready("n1") == "True" && Taints("n1").Count == 0, "n1 is ready again");
        _world.Run(600);

        Assert.True(_world.Pod("web")!.IsRunningAndReady());
    }

    [Fact]
    public void Pod_ThatToleratesNothing_GoesAtOnce_AndOneThatToleratesForEver_Stays()
    {
        RunPod("web", "n1");
        _world.Create(ResourceTypes.Pods, TestObjects.Pod("stubborn", "data", "n1").WithAt(["spec", "tolerations"], JsonList.Of(
            JsonMap.Of(("operator", "Exists")))));
        _world.Await(() => _world.Pod("stubborn")!.IsRunningAndReady(), "stubborn runs");

        _world.Patch(ResourceTypes.Nodes, "n1", JsonMap.Of(("spec", JsonMap.Of(("taints", JsonList.Of(
            JsonMap.Of(("key", "example.com/away"), ("effect", "NoExecute"))))))));
        _world.Await(() => _world.Pod("web") is null, "web goes");

        Assert.True(_world.Pod("stubborn")!.IsRunningAndReady());
    }

    [Fact]
    public void Pods_OfANodeThatIsDeleted_AreTakenAwayAfterAWhile()
    {
        RunPod("web", "n1");
        _world.Crash("kubelet/n1");
        _world.Delete(ResourceTypes.Nodes, "n1");

        _world.Run(30);
        Assert.NotNull(_world.Pod("web"));
        _world.Run(60);

        Assert.Null(_world.Pod("web"));
        Assert.Contains(_world.History, change => change.Object is Pod { Name: "web", Phase: "Failed" });
    }

    [Fact]
    public void Pod_OfANodeDeclaredOutOfService_IsTakenAwayOnceItIsBeingDeleted()
    {
        RunPod("web", "n1");
        _world.Crash("kubelet/n1");
        _world.Run(120);
        _world.Delete(ResourceTypes.Pods, "web");
        _world.Run(60);
        Assert.NotNull(_world.Pod("web"));

        var taints = (_world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n1"))!.Tree.At("spec", "taints") as JsonList)!;
        _world.Patch(ResourceTypes.Nodes, "n1", JsonMap.Of(("spec", JsonMap.Of(("taints", new JsonList(taints.Items.Add(
            JsonMap.Of(("key", "node.kubernetes.io/out-of-service"), ("value", "shutdown"), ("effect", "NoExecute")))))))));
        _world.Run(60);

        Assert.Null(_world.Pod("web"));
    }

    [Fact]
    public void StatefulSet_OnALostNode_WaitsForItsVolumeInsteadOfTakingAnother()
    {
        _world.Create(WorkloadTypes.StatefulSets, StatefulSetTests.Set(1));
        _world.Await(() => _world.Pod("db-0")?.IsRunningAndReady() == true, "db-0 runs");
        var first = _world.Pod("db-0")!;
        _world.Crash("kubelet/" + first.NodeName);
        _world.Delete(ResourceTypes.Nodes, first.NodeName);

        _world.Await(() => _world.Pod("db-0") is { } pod && pod.Uid != first.Uid, "a new db-0");
        _world.Run(120);

        Assert.Equal("", _world.Pod("db-0")!.NodeName);
        Assert.Single(_world.Volumes);
    }

    private string? Ready(string node) =>
        (_world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node))!.Tree.At("status", "conditions") as JsonList)!
        .Maps().Single(one => one.Text("type") == "Ready").Text("status");

    private List<string> Taints(string node) =>
    [
        .. ((_world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node))!.Tree.At("spec", "taints") as JsonList)?.Maps() ?? [])
            .Select(taint => $"{taint.Text("key")}:{taint.Text("effect")}"),
    ];

    private void RunPod(string name, string node)
    {
        _world.Run(1);
        _world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("data", "local", "1Gi"));
        var body = TestObjects.Pod(name, "data").WithAt(["spec", "nodeSelector"], JsonMap.Of((WellKnown.HostNameLabel, node)));
        _world.Create(ResourceTypes.Pods, body);
        _world.Await(() => _world.Pod(name)!.IsRunningAndReady(), name + " runs");
    }
}
