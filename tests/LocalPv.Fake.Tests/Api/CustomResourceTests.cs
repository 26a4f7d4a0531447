using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>Custom resources: made by their definition, pruned, filled and judged by its schema, gone with it.</summary>
public sealed class CustomResourceTests : ApiServerTests
{
    [Fact]
    public void Definition_IsMade_TheKindIsServedAndTheNamesAreAccepted()
    {
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.List(Widgets, ObjectSelector.Everything)).Kind);
        var definition = Get(CreateDefinition());
        Assert.Equal(
            ["NamesAccepted=True", "Established=True"],
            definition.Tree.Map("status")!.List("conditions")!.Maps().Select(item => item.Text("type") + "=" + item.Text("status")));
        Assert.Empty(List(Widgets).Items);
    }

    [Fact]
    public void Definition_IsDeleted_ItsObjectsGoFirstThenTheKind()
    {
        var definition = CreateDefinition();
        var free = Create(Widgets, "{'metadata':{'name':'free'},'spec':{'size':1}}");
        var held = Create(Widgets, "{'metadata':{'name':'held','finalizers':['x.io/hold']},'spec':{'size':1}}");
        Assert.True(Delete(definition).IsDone);
        Assert.Null(Server.Find(Widgets, free.Key));
        Assert.True(Get(definition).IsBeingDeleted);
        Assert.True(Patch(held, "{'metadata':{'finalizers':null}}").IsDone);
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Get(definition.Type, definition.Key)).Kind);
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.List(Widgets, ObjectSelector.Everything)).Kind);
    }

    [Fact]
    public void Body_HasUnknownFields_ArePrunedAndDefaultsAreFilledIn()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':3,'unknown':true}}");
        Assert.Equal("{\"mode\":\"soft\",\"size\":3}", widget.Tree["spec"]!.ToString());
    }

    [Theory]
    [InlineData("{'size':0}", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    [InlineData("{'size':'x'}", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"")]
    [InlineData("{}", "spec.size: Required value")]
    [InlineData("{'size':1,'mode':'odd'}", "spec.mode: Unsupported value: \"odd\": supported values: \"hard\", \"soft\"")]
    [InlineData("{'size':1,'name':'A'}", "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("{'size':7,'limit':6}", "spec: Invalid value: \"object\": size is above its limit")]
    public void Body_BreaksTheSchema_RejectedInTheWordsOfARealServer(string spec, string complaint)
    {
        CreateDefinition();
        var outcome = Send(new ClusterRequest.Create(Widgets, "", Json("{'metadata':{'name':'w'},'spec':" + spec + "}")));
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Equal("Widget.example.com \"w\" is invalid: " + complaint, outcome.Message);
    }

    [Fact]
    public void Rule_AboutAChange_IsAskedOnUpdatesOnly()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1,'name':'a'}}");
        Assert.True(Patch(widget, "{'spec':{'size':2}}").IsDone);
        var changed = Patch(widget, "{'spec':{'name':'b'}}");
        Assert.Equal(OutcomeKind.Rejected, changed.Kind);
        Assert.EndsWith("name cannot be changed", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strict_UnknownField_BadRequestThatNamesIt()
    {
        CreateDefinition();
        Server.Kinds.TryFind(Widgets, out var kind);
        var body = Json("{'metadata':{'name':'w'},'spec':{'size':3,'odd':1}}");
        var strict = Server.Create(Now, kind!, "", body, new WriteOptions { FieldValidation = FieldValidation.Strict });
        Assert.Equal(400, strict.Error!.Code);
        Assert.EndsWith("strict decoding error: unknown field \"spec.odd\"", strict.Error.Message, StringComparison.Ordinal);
        var warned = Server.Create(Now, kind!, "", body, new WriteOptions { FieldValidation = FieldValidation.Warn });
        Assert.Equal("unknown field \"spec.odd\"", Assert.Single(warned.Warnings));
    }

    [Fact]
    public void Apply_ListOfMaps_MergesByKeyOfTheSchema()
    {
        CreateDefinition();
        Server.Kinds.TryFind(Widgets, out var kind);
        JsonMap Body(string parts) => Json(
            "{'apiVersion':'example.com/v1','kind':'Widget','metadata':{'name':'w'},'spec':{'size':1,'parts':" + parts + "}}");
        var key = ObjectKey.ClusterScoped("w");
        Server.Patch(Now, kind!, key, PatchType.Apply, Body("[{'id':'a','n':1}]"), "", new WriteOptions { FieldManager = "one" });
        Server.Patch(Now, kind!, key, PatchType.Apply, Body("[{'id':'b','n':2}]"), "", new WriteOptions { FieldManager = "two" });
        var parts = Server.Find(Widgets, key)!.Tree.At("spec", "parts")!.ToString();
        Assert.Equal("[{\"id\":\"a\",\"n\":1},{\"id\":\"b\",\"n\":2}]", parts);
    }
}
