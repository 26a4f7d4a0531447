using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Deployments and their ReplicaSets in a whole cluster.</summary>
public sealed class DeploymentTests
{
    private readonly ClusterWorld _world = new(["n1", "n2"]);

    [Fact]
    public void Deployment_Created_RunsItsPodsAndSaysSo()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(3));
        AwaitAvailable(3);

        var set = Assert.Single(Sets());
        Assert.StartsWith("web-", set.Name, StringComparison.Ordinal);
        Assert.All(_world.Pods, pod => Assert.StartsWith(set.Name + "-", pod.Name, StringComparison.Ordinal));
        Assert.Equal("1", Current().Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("NewReplicaSetAvailable", Condition("Progressing")?.Text("reason"));
        Assert.Equal("True", Condition("Available")?.Text("status"));
    }

    [Fact]
    public void Deployment_WithAClaim_WaitsForItsVolumeAndKeepsIt()
    {
        _world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("data", "local", "1Gi"));
        _world.Create(WorkloadTypes.Deployments, Deployment(1, claim: "data"));
        AwaitAvailable(1);
        var before = _world.Pods.Single();
        var volume = _world.Claim("data")!.VolumeName;

        _world.Delete(ResourceTypes.Pods, before.Name);
        _world.Await(() => _world.Pods.Any(pod => pod.Uid != before.Uid && pod.IsRunningAndReady()), "another Pod");

        Assert.Equal(before.NodeName, _world.Pods.Single(pod => pod.IsRunningAndReady()).NodeName);
        Assert.Equal(volume, _world.Claim("data")!.VolumeName);
    }

    [Fact]
    public void Deployment_WithANewImage_RollsOverWithoutEverHavingTooFewOrTooMany()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(4));
        AwaitAvailable(4);
        var begin = _world.History.Count;

        SetImage("example.com/web:2");
        _world.Await(() => RunningImages().SequenceEqual(Enumerable.Repeat("example.com/web:2", 4)), "four new Pods and no old one");
        AwaitAvailable(4);

        var alive = new SortedDictionary<string, Pod>(StringComparer.Ordinal);
        foreach (var change in _world.History)
        {
            if (change.Object is Pod pod)
            {
                alive[pod.Uid] = pod;
                if (change.Type == ChangeType.Deleted)
                {
                    alive.Remove(pod.Uid);
                }

                var serving = alive.Values.Where(one => !one.IsBeingDeleted).ToList();
                Assert.InRange(serving.Count, 0, 5);
                Assert.True(
                    _world.History.IndexOf(change) < begin || serving.Count(one => one.IsRunningAndReady()) >= 3,
                    $"only {serving.Count(one => one.IsRunningAndReady())} serve at {change.Revision}");
            }
        }

        Assert.Equal(2, Sets().Count);
        Assert.Equal("2", Current().Annotation("deployment.kubernetes.io/revision"));
    }

    [Fact]
    public void Deployment_BackToAnOldTemplate_TakesUpItsReplicaSetAsTheNewest()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(2));
        AwaitAvailable(2);
        SetImage("example.com/web:2");
        _world.Await(() => RunningImages().SequenceEqual(Enumerable.Repeat("example.com/web:2", 2)), "the new Pods");

        SetImage("example.com/web:1");
        _world.Await(() => RunningImages().SequenceEqual(Enumerable.Repeat("example.com/web:1", 2)), "the old Pods again");
        AwaitAvailable(2);

        Assert.Equal(2, Sets().Count);
        Assert.Equal("3", Current().Annotation("deployment.kubernetes.io/revision"));
    }

    [Fact]
    public void Deployment_ThatRecreates_EndsTheOldBeforeTheNew()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(2).WithAt(["spec", "strategy"], JsonMap.Of(("type", "Recreate"))));
        AwaitAvailable(2);
        var old = _world.Pods.Select(pod => pod.Uid).ToList();

        SetImage("example.com/web:2");
        _world.Await(() => RunningImages().SequenceEqual(Enumerable.Repeat("example.com/web:2", 2)), "the new Pods");

        var lastOldGone = _world.History.Last(change => old.Contains(change.Object.Uid)).Revision;
        var firstNew = _world.History.First(change => change.Object is Pod pod && !old.Contains(pod.Uid)).Revision;
        Assert.True(lastOldGone < firstNew);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    [InlineData(0)]
    public void Deployment_Scaled_HasSoManyPodsInTheEnd(int replicas)
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(3));
        AwaitAvailable(3);

        _world.Patch(WorkloadTypes.Deployments, "web", JsonMap.Of(("spec", JsonMap.Of(("replicas", replicas)))));
        AwaitAvailable(replicas);
        _world.Await(() => _world.Pods.Count() == replicas, $"{replicas} Pods");
    }

    [Fact]
    public void Controllers_ThatRestartInTheMiddle_MakeNoPodTooMany()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(4));
        for (var i = 0; i < 6; i++)
        {
            _world.Run(0.01);
            _world.Restart("replicaset-controller");
            _world.Restart("deployment-controller");
        }

        AwaitAvailable(4);
        _world.Run(5);

        Assert.Equal(4, _world.Pods.Count());
        Assert.Single(Sets());
    }

    [Fact]
    public void Deployment_Deleted_TakesItsPodsWithIt()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(2));
        AwaitAvailable(2);

        _world.Delete(WorkloadTypes.Deployments, "web");

        _world.Await(() => !_world.Pods.Any() && Sets().Count == 0, "everything gone");
    }

    [Fact]
    public void RollOut_ThatStandsStill_IsSaidToHaveTimedOut()
    {
        _world.Create(WorkloadTypes.Deployments, Deployment(1, claim: "never").WithAt(["spec", "progressDeadlineSeconds"], 60));

        _world.Run(90);

        var progressing = Condition("Progressing")!;
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (progressing.Text("status"), progressing.Text("reason")));
    }

    private static JsonMap Deployment(int replicas, string? claim = null)
    {
        var spec = Spec("example.com/web:1");
        if (claim is not null)
        {
            spec = spec.With("volumes", JsonList.Of(JsonMap.Of(
                ("name", "v"), ("persistentVolumeClaim", JsonMap.Of(("claimName", claim))))));
        }

        var labels = JsonMap.Of(("app", "web"));
        return JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "web"))),
            ("spec", JsonMap.Of(
                ("replicas", replicas),
                ("selector", JsonMap.Of(("matchLabels", labels))),
                ("template", JsonMap.Of(("metadata", JsonMap.Of(("labels", labels))), ("spec", spec))))));
    }

    private static JsonMap Spec(string image) => JsonMap.Of(("containers", JsonList.Of(JsonMap.Of(("name", "c"), ("image", image)))));

    private void SetImage(string image) => _world.Patch(
        WorkloadTypes.Deployments, "web", JsonMap.Empty.WithAt(["spec", "template", "spec"], Spec(image)));

    private IEnumerable<string> RunningImages() => _world.Pods.Select(pod =>
        (pod.Tree.At("spec", "containers") as JsonList)!.Maps().Single().Text("image")!);

    private KubernetesObject Current() => _world.Server.Find(WorkloadTypes.Deployments, new ObjectKey("default", "web"))!;

    private JsonMap? Condition(string type) =>
        (Current().Tree.At("status", "conditions") as JsonList)?.Maps().FirstOrDefault(one => one.Text("type") == type);

    private List<KubernetesObject> Sets() => [.. _world.Server.Snapshot(WorkloadTypes.ReplicaSets)];

    private void AwaitAvailable(int replicas) => _world.Await(
        () => Current().Tree.Map("status") is { } status
            && (status.Number("observedGeneration") ?? 0) == Current().Generation
            && (status.Number("availableReplicas") ?? 0) == replicas && (status.Number("updatedReplicas") ?? 0) == replicas
            && (status.Number("replicas") ?? 0) == replicas,
        $"{replicas} available Pods");
}
