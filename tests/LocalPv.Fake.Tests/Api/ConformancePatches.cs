using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C24 to C27: merge, JSON and strategic patches, server-side apply.</summary>
public sealed class ConformancePatches : ApiServerTests
{
    private static readonly WriteOptions Curl = new() { FieldManager = "curl" };

    [Fact]
    public void C24_MergePatch_NullRemovesAKeyAndListsAreReplaced()
    {
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n','labels':{'a':'1','b':'2'},'finalizers':['x.io/a','x.io/b']}}");
        var patched = Patch(node, "{'metadata':{'labels':{'a':null,'c':'3'},'finalizers':['x.io/c']}}").Value.Object!;
        Assert.Equal("{\"b\":\"2\",\"c\":\"3\"}", patched.Labels.ToString());
        Assert.Equal(["x.io/c"], patched.Finalizers);
    }

    [Fact]
    public void C25_MergePatch_OthersWriteMeanwhile_NeverAConflictUnlessItNamesAVersion()
    {
        var claim = CreateClaim("a");
        for (var i = 0; i < 20; i++)
        {
            Patch(claim, "{'metadata':{'labels':{'other':'" + i + "'}}}");
            Assert.True(Patch(claim, "{'metadata':{'labels':{'mine':'" + i + "'}}}").IsDone);
        }

        var guarded = Patch(claim, "{'metadata':{'resourceVersion':'" + claim.ResourceVersion + "','labels':{'mine':'x'}}}");
        Assert.Equal(OutcomeKind.Conflict, guarded.Kind);
        var byUid = Patch(claim, "{'metadata':{'uid':'00000000-0000-0000-0000-000000000000','labels':{'mine':'x'}}}");
        Assert.Equal(OutcomeKind.Conflict, byUid.Kind);
        Assert.Equal("19", Get(claim).Label("mine"));
        Assert.Equal("19", Get(claim).Label("other"));
    }

    [Fact]
    public void C26_JsonPatch_TestFails_InvalidAndNothingIsDone()
    {
        var claim = CreateClaim("a", ",'annotations':{'example.com/k':'v1'}");
        var failed = Apply(claim, PatchType.Json, """
            [{"op":"test","path":"/metadata/annotations/example.com~1k","value":"zzz"},
            {"op":"remove","path":"/metadata/annotations/example.com~1k"}]
            """);
        Assert.Equal(422, failed.Error!.Code);
        Assert.Equal("the server rejected our request due to an error in our request", failed.Error.Message);
        Assert.Equal("v1", Get(claim).Annotation("example.com/k"));
        var done = Apply(claim, PatchType.Json, """
            [{"op":"test","path":"/metadata/annotations/example.com~1k","value":"v1"},
            {"op":"remove","path":"/metadata/annotations/example.com~1k"}]
            """);
        Assert.Null(done.Object!.Metadata["annotations"]);
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/a","value":1}]""", """{"a":1,"l":[1,2],"o":{"x":1}}""")]
    [InlineData("""[{"op":"add","path":"/l/1","value":9}]""", """{"l":[1,9,2],"o":{"x":1}}""")]
    [InlineData("""[{"op":"add","path":"/l/-","value":9}]""", """{"l":[1,2,9],"o":{"x":1}}""")]
    [InlineData("""[{"op":"remove","path":"/l/0"}]""", """{"l":[2],"o":{"x":1}}""")]
    [InlineData("""[{"op":"replace","path":"/o/x","value":2}]""", """{"l":[1,2],"o":{"x":2}}""")]
    [InlineData("""[{"op":"move","from":"/o/x","path":"/y"}]""", """{"l":[1,2],"o":{},"y":1}""")]
    [InlineData("""[{"op":"copy","from":"/o","path":"/p"}]""", """{"l":[1,2],"o":{"x":1},"p":{"x":1}}""")]
    [InlineData("""[{"op":"remove","path":"/none"}]""", null)]
    [InlineData("""[{"op":"replace","path":"/none","value":1}]""", null)]
    [InlineData("""[{"op":"add","path":"/l/7","value":1}]""", null)]
    [InlineData("""[{"op":"fly","path":"/l"}]""", null)]
    public void C26_JsonPatch_Operations_DoWhatTheStandardSays(string patch, string? expected)
    {
        var data = Create(Maps, "{'metadata':{'name':'m'},'data':{'l':[1,2],'o':{'x':1}}}");
        var moved = patch.Replace("\"/", "\"/data/", StringComparison.Ordinal);
        var result = Apply(data, PatchType.Json, moved);
        Assert.Equal(expected, result.Object?.Tree["data"]?.ToString());
        Assert.Equal(expected is null ? 422 : 0, result.Error?.Code ?? 0);
    }

    [Fact]
    public void StrategicPatch_ListsWithKeys_AreMergedByKeyAndDirectivesAreObeyed()
    {
        var pod = Create(ResourceTypes.Pods, """
            {'metadata':{'name':'p','finalizers':['x.io/a','x.io/b']},
            'spec':{'containers':[{'name':'c','image':'one'},{'name':'d','image':'two'}]}}
            """);
        var patched = Apply(pod, PatchType.Strategic, """
            {"spec":{"containers":[{"name":"d","image":"three"}]},"metadata":{"$deleteFromPrimitiveList/finalizers":["x.io/a"]}}
            """).Object!;
        Assert.Equal(
            ["c=one", "d=three"],
            patched.Tree.Map("spec")!.List("containers")!.Maps().Select(item => item.Text("name") + "=" + item.Text("image")));
        Assert.Equal(["x.io/b"], patched.Finalizers);
    }

    [Fact]
    public void StrategicPatch_CustomResource_UnsupportedMediaType()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1}}");
        Assert.Equal(415, Apply(widget, PatchType.Strategic, """{"spec":{"size":5}}""").Error!.Code);
    }

    [Fact]
    public void C27_Apply_AnotherOwnsTheField_ConflictUnlessForced()
    {
        var key = new ObjectKey("default", "a");
        var made = ApplyAs("rec", """{"labels":{"a":"1"}}""", force: false);
        Assert.True(made.Created);
        var refused = ApplyAs("other", """{"labels":{"a":"3"}}""", force: false);
        Assert.Equal(409, refused.Error!.Code);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"rec\": .metadata.labels.a", refused.Error.Message);
        Assert.Equal("1", Server.Find(ResourceTypes.PersistentVolumeClaims, key)!.Label("a"));
        var forced = ApplyAs("other", """{"labels":{"a":"3"}}""", force: true).Object!;
        Assert.Equal("3", forced.Label("a"));
        Assert.DoesNotContain(Owners(forced), owner => owner == "rec .metadata.labels.a");
        Assert.Contains(Owners(forced), owner => owner == "other {\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
    }

    [Fact]
    public void C27_Apply_AFieldIsNoLongerApplied_IsRemovedUnlessOthersOwnIt()
    {
        ApplyAs("one", """{"labels":{"a":"1","b":"1"}}""", force: false);
        ApplyAs("two", """{"labels":{"b":"1"}}""", force: false);
        var left = ApplyAs("one", """{"labels":{}}""", force: false).Object!;
        Assert.Equal("{\"b\":\"1\"}", left.Labels.ToString());
    }

    [Fact]
    public void C27_Apply_TheSameAgain_IsNoWrite()
    {
        var first = ApplyAs("one", """{"labels":{"a":"1"}}""", force: false).Object!;
        Now += TimeSpan.FromMinutes(1);
        var second = ApplyAs("one", """{"labels":{"a":"1"}}""", force: false).Object!;
        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
        Assert.Equal(Version(first), Server.Revision);
    }

    [Fact]
    public void C27_Update_TakesTheFieldsItChanges()
    {
        ApplyAs("one", """{"labels":{"a":"1"}}""", force: false);
        var claim = Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", "a"))!;
        var changed = Apply(claim, PatchType.Merge, """{"metadata":{"labels":{"a":"2"}}}""").Object!;
        Assert.Contains(Owners(changed), owner => owner == "curl {\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
        Assert.DoesNotContain(Owners(changed), owner =>
            owner.StartsWith("one", StringComparison.Ordinal) && owner.Contains("f:a\"", StringComparison.Ordinal));
    }

    private static ResourceType Maps { get; } = new("", "v1", "configmaps", "ConfigMap", true);

    private static IEnumerable<string> Owners(KubernetesObject of) => of.Metadata.List("managedFields")!.Maps()
        .Select(entry => entry.Text("manager") + " " + entry["fieldsV1"]);

    private ApiResult Apply(KubernetesObject to, PatchType type, string patch)
    {
        Server.Kinds.TryFind(to.Type, out var kind);
        return Server.Patch(Now, kind!, to.Key, type, JsonTree.Parse(patch), "", Curl);
    }

    private ApiResult ApplyAs(string manager, string metadata, bool force)
    {
        Server.Kinds.TryFind(ResourceTypes.PersistentVolumeClaims, out var kind);
        var isThere = Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", "a")) is not null;
        var spec = isThere && manager != "one"
            ? ""
            : ",'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'fast','resources':{'requests':{'storage':'1Gi'}}}";
        var body = Json("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':" + metadata + spec + "}")
            .WithAt(["metadata", "name"], "a");
        var options = new WriteOptions { FieldManager = manager, Force = force };
        return Server.Patch(Now, kind!, new ObjectKey("default", "a"), PatchType.Apply, body, "", options);
    }
}
