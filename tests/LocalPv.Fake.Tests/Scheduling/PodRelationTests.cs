using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>Affinities between Pods, and how evenly Pods are to be spread.</summary>
public sealed class PodRelationTests
{
    private const string Zone = "topology.kubernetes.io/zone";

    private readonly SchedulerWorld _world = new();

    [Fact]
    public void DatabasePods_ThatMustBeApart_TakeANodeEachAndTheLastWaits()
    {
        Cluster.SetUp(_world, "n1", "n2");
        for (var i = 0; i < 3; i++)
        {
            Create($"db-{i}", "db", RequiredAway("db"));
        }

        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["n1", "n2"], new[] { _world.Pod("db-0").NodeName, _world.Pod("db-1").NodeName }.Order(StringComparer.Ordinal));
        Assert.Equal("", _world.Pod("db-2").NodeName);
        Assert.StartsWith(
            "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
            _world.Condition("db-2").Message,
            StringComparison.Ordinal);

        Delete("db-0");
        _world.Run(TimeSpan.FromSeconds(15));
        Assert.NotEqual("", _world.Pod("db-2").NodeName);
    }

    [Fact]
    public void PodWithoutAWish_IsKeptAwayByThoseWhoHaveOne()
    {
        Cluster.SetUp(_world, "n1");
        Create("lonely", "lonely", RequiredAway("web"));
        _world.Run(TimeSpan.FromSeconds(1));
        Create("web", "web", JsonMap.Empty);
        Create("other", "other", JsonMap.Empty);
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal("n1", _world.Pod("other").NodeName);
        Assert.Contains("didn't satisfy existing pods anti-affinity rules", _world.Condition("web").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PodInAnotherNamespace_IsNotMeant()
    {
        Cluster.SetUp(_world, "n1");
        Create("db-0", "db", RequiredAway("db"));
        _world.Create<KubernetesObject>(ResourceTypes.Namespaces, JsonMap.Of(("metadata", JsonMap.Of(("name", "other")))));
        _world.Create<Pod>(ResourceTypes.Pods, Body("db-1", "db", RequiredAway("db")).WithAt(["metadata", "namespace"], "other"));

        _world.Run(TimeSpan.FromSeconds(1));

        var there = (Pod)_world.Send(new ClusterRequest.Get(ResourceTypes.Pods, new ObjectKey("other", "db-1"))).Object!;
        Assert.Equal("n1", there.NodeName);
    }

    [Fact]
    public void PodsThatMustBeTogether_GoToTheZoneOfTheFirst_WhichMayGoAnywhere()
    {
        Zones(("a1", "a"), ("a2", "a"), ("b1", "b"));
        var near = Affinity("podAffinity", "requiredDuringSchedulingIgnoredDuringExecution", Term("app", Zone));
        Create("app-0", "app", near);
        _world.Run(TimeSpan.FromSeconds(1));
        var first = _world.Pod("app-0").NodeName;
        Assert.NotEqual("", first);

        for (var i = 1; i < 5; i++)
        {
            Create($"app-{i}", "app", near);
        }

        _world.Run(TimeSpan.FromSeconds(1));
        Assert.All(Enumerable.Range(1, 4), i => Assert.Equal(first[0], _world.Pod($"app-{i}").NodeName[0]));
    }

    [Fact]
    public void PodThatMustBeNearNobodyThere_WaitsUntilSomebodyComes()
    {
        Cluster.SetUp(_world, "n1", "n2");
        Create("client", "client", Affinity("podAffinity", "requiredDuringSchedulingIgnoredDuringExecution", Term("server")));
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Contains("2 node(s) didn't match pod affinity rules", _world.Condition("client").Message, StringComparison.Ordinal);
        Assert.Contains("Preemption is not helpful", _world.Condition("client").Message, StringComparison.Ordinal);

        Create("server", "server", JsonMap.Empty);
        _world.Run(TimeSpan.FromSeconds(15));

        Assert.Equal(_world.Pod("server").NodeName, _world.Pod("client").NodeName);
    }

    [Fact]
    public void PodsThatWouldRatherBeApart_AreApartWhileTheyCanBe()
    {
        Cluster.SetUp(_world, "n1", "n2", "n3");
        var away = Affinity("podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution", JsonMap.Of(
            ("weight", 100), ("podAffinityTerm", Term("web"))));
        for (var i = 0; i < 4; i++)
        {
            Create($"web-{i}", "web", away);
            _world.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, Enumerable.Range(0, 3).Select(i => _world.Pod($"web-{i}").NodeName).Distinct().Count());
        Assert.NotEqual("", _world.Pod("web-3").NodeName);
    }

    [Fact]
    public void PodsThatWouldRatherBeTogether_AreTogether()
    {
        Cluster.SetUp(_world, "n1", "n2", "n3");
        var near = Affinity("podAffinity", "preferredDuringSchedulingIgnoredDuringExecution", JsonMap.Of(
            ("weight", 100), ("podAffinityTerm", Term("web"))));
        for (var i = 0; i < 3; i++)
        {
            Create($"web-{i}", "web", near);
            _world.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Single(Enumerable.Range(0, 3).Select(i => _world.Pod($"web-{i}").NodeName).Distinct());
    }

    [Fact]
    public void Spread_ThatMustHold_FillsZonesEvenlyAndNamesTheReason()
    {
        Zones(("a1", "a"), ("a2", "a"), ("b1", "b"));
        for (var i = 0; i < 6; i++)
        {
            Create($"p-{i}", "p", JsonMap.Empty, Spread("DoNotSchedule", 1));
            _world.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, Enumerable.Range(0, 6).Count(i => _world.Pod($"p-{i}").NodeName[0] == 'a'));

        _world.Send(new ClusterRequest.Patch(
            ResourceTypes.Nodes, ObjectKey.ClusterScoped("b1"), JsonMap.Of(("spec", JsonMap.Of(("unschedulable", true))))));
        Create("p-6", "p", JsonMap.Empty, Spread("DoNotSchedule", 1));
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.NotEqual("", _world.Pod("p-6").NodeName);
        Create("p-7", "p", JsonMap.Empty, Spread("DoNotSchedule", 1));
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(
            "2 node(s) didn't match pod topology spread constraints", _world.Condition("p-7").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spread_NodesWithoutTheLabel_AreNoPlaceAndNoDomain()
    {
        Zones(("a1", "a"));
        Cluster.SetUp(_world, "plain");
        Create("p", "p", JsonMap.Empty, Spread("DoNotSchedule", 1));
        Create("q", "p", JsonMap.Empty, Spread("DoNotSchedule", 1));

        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["a1", "a1"], new[] { _world.Pod("p").NodeName, _world.Pod("q").NodeName });
    }

    [Fact]
    public void Spread_ThatNeedNotHold_OnlyPrefers()
    {
        Zones(("a1", "a"), ("b1", "b"));
        for (var i = 0; i < 4; i++)
        {
            Create($"p-{i}", "p", JsonMap.Empty, Spread("ScheduleAnyway", 1));
            _world.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, Enumerable.Range(0, 4).Count(i => _world.Pod($"p-{i}").NodeName == "a1"));
    }

    private static JsonMap Term(string app, string key = WellKnown.HostNameLabel) => JsonMap.Of(
        ("labelSelector", JsonMap.Of(("matchLabels", JsonMap.Of(("app", app))))), ("topologyKey", key));

    private static JsonMap Affinity(string kind, string when, JsonMap term) =>
        JsonMap.Of((kind, JsonMap.Of((when, JsonList.Of(term)))));

    private static JsonMap RequiredAway(string app) =>
        Affinity("podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution", Term(app));

    private static JsonList Spread(string when, long skew) => JsonList.Of(JsonMap.Of(
        ("maxSkew", skew),
        ("topologyKey", Zone),
        ("whenUnsatisfiable", when),
        ("labelSelector", JsonMap.Of(("matchLabels", JsonMap.Of(("app", "p")))))));

    private static JsonMap Body(string name, string app, JsonMap affinity) => Cluster.PodBody(name, [])
        .WithAt(["metadata", "labels", "app"], app)
        .WithAt(["spec", "affinity"], affinity);

    private void Create(string name, string app, JsonMap affinity, JsonList? spread = null)
    {
        var body = Body(name, app, affinity);
        _world.Create<Pod>(ResourceTypes.Pods, spread is null ? body : body.WithAt(["spec", "topologySpreadConstraints"], spread));
    }

    private void Delete(string name) => _world.Send(new ClusterRequest.Delete(ResourceTypes.Pods, new ObjectKey("default", name))
    {
        GracePeriodSeconds = 0,
    });

    private void Zones(params (string Node, string Zone)[] nodes)
    {
        foreach (var (node, zone) in nodes)
        {
            _world.Create<Node>(ResourceTypes.Nodes, Cluster.NodeBody(node).WithAt(["metadata", "labels", Zone], zone));
        }
    }
}
