using System.Reflection;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Tests.Controllers;

namespace LocalPv.Fake.Tests.Api;

/// <summary>No revision that was stored is ever changed in place, whatever is done to the object afterwards.</summary>
public sealed class RevisionTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Cluster_AtWork_ChangesNoRevisionInPlace()
    {
        var world = new ClusterWorld(["n1", "n2", "n3"]);
        var guard = new RevisionGuard(world.Server);
        world.Create(WorkloadTypes.StatefulSets, StatefulSetTests.Set(3));
        world.Await(() => world.Pod("db-2")?.IsRunningAndReady() == true, "three Pods run");
        world.Restart("scheduler");
        world.Restart("persistentvolume-controller");
        world.Patch(WorkloadTypes.StatefulSets, "db", JsonMap.Of(("spec", JsonMap.Of(("replicas", 1)))));
        world.Await(() => world.Pod("db-1") is null, "one Pod is left");
        world.Delete(WorkloadTypes.StatefulSets, "db");
        world.Run(400);

        Assert.True(guard.Count > 100, $"only {guard.Count} revisions");
        Assert.Empty(guard.Changed());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Writes_OfEveryKindInAnyOrder_ChangeNoRevisionInPlace(int seed)
    {
        var random = new Random(seed);
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start });
        var guard = new RevisionGuard(server);
        Assert.True(server.Kinds.TryFind(ResourceTypes.Pods, out var kind));
        for (var i = 0; i < 500; i++)
        {
            var key = new ObjectKey("default", $"pod-{random.Next(4)}");
            var options = new WriteOptions { FieldManager = $"manager-{random.Next(3)}", Force = true, DryRun = random.Next(10) == 0 };
            Write(random, server, kind, key, options);
            foreach (var item in server.List(Start, kind, new ListOptions { Selector = ObjectSelector.Everything }).Items)
            {
                guard.Note(item);
            }
        }

        Assert.True(guard.Count > 500, $"seed {seed}: only {guard.Count} revisions");
        Assert.Empty(guard.Changed().Select(changed => $"seed {seed}: {changed}"));
    }

    [Fact]
    public void Guard_OverATreeThatIsChangedInPlace_NamesIt()
    {
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start });
        var guard = new RevisionGuard(server);
        var made = server.Seed(Start, ResourceTypes.Namespaces, JsonMap.Of(("metadata", JsonMap.Of(("name", "team")))));
        Assert.Empty(guard.Changed());

        // Nothing public can do this.
        var name = (JsonText)made.Tree.At("metadata", "name")!;
        typeof(JsonText).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(field => field.FieldType == typeof(string)).SetValue(name, "other");

        Assert.Equal("Namespace team at " + made.ResourceVersion, Assert.Single(guard.Changed()));
    }

    private static void Write(Random random, FakeApiServer server, KindInfo kind, ObjectKey key, WriteOptions options)
    {
        var label = $"v{random.Next(5)}";
        switch (random.Next(7))
        {
            case 0:
                server.Create(Start, kind, "default", Body(key.Name, label), options);
                break;
            case 1:
                server.Patch(Start, kind, key, PatchType.Merge, Tree("""{"metadata":{"labels":{"a":"V"}}}""", label), "", options);
                break;
            case 2:
                var added = Tree("""[{"op":"add","path":"/metadata/labels/b","value":"V"}]""", label);
                server.Patch(Start, kind, key, PatchType.Json, added, "", options);
                break;
            case 3:
                var image = Tree("""{"spec":{"containers":[{"name":"c","image":"V"}]}}""", label);
                server.Patch(Start, kind, key, PatchType.Strategic, image, "", options);
                break;
            case 4:
                server.Patch(Start, kind, key, PatchType.Apply, Body(key.Name, label), "", options);
                break;
            case 5 when server.Get(kind, key).Object is { } current:
                var conditions = Tree("""[{"type":"V","status":"True"}]""", label);
                server.Replace(Start, kind, key, current.Tree.WithAt(["status", "conditions"], conditions), "status", options);
                break;
            default:
                server.Delete(Start, kind, key, new DeleteOptions { GracePeriodSeconds = random.Next(2) * 30 });
                break;
        }
    }

    private static JsonTree Tree(string json, string value) => JsonTree.Parse(json.Replace("V", value, StringComparison.Ordinal));

    private static JsonMap Body(string name, string label) => (JsonMap)Tree(
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME","namespace":"default","labels":{"a":"V"}},
        "spec":{"containers":[{"name":"c","image":"i"}]}}
        """.Replace("NAME", name, StringComparison.Ordinal),
        label);
}
