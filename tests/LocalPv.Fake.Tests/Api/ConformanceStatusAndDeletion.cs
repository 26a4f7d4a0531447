using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C14 to C23: the status subresource and deletions.</summary>
public sealed class ConformanceStatusAndDeletion : ApiServerTests
{
    private const string Held = "{'metadata':{'name':'n','finalizers':['example.com/hold']}}";

    [Fact]
    public void C14_MainDoor_StatusIsSent_IsIgnored()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1}}");
        widget = Patch(widget, "{'status':{'phase':'Ready'}}", "status").Value.Object!;
        var replaced = Replace(widget, widget.Tree.WithAt(["status", "phase"], "Ignored").WithAt(["spec", "size"], 4)).Value.Object!;
        Assert.Equal("{\"mode\":\"soft\",\"size\":4}", replaced.Tree["spec"]!.ToString());
        Assert.Equal("{\"phase\":\"Ready\"}", replaced.Tree["status"]!.ToString());
    }

    [Fact]
    public void C15_StatusDoor_SpecAndMetadataAreSent_AreIgnoredAndTheVersionIsChecked()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1}}");
        var body = widget.Tree
            .WithAt(["spec", "size"], 9)
            .WithAt(["metadata", "labels", "x"], "y")
            .WithAt(["status", "phase"], "Ready");
        var written = Replace(widget, body, "status").Value.Object!;
        Assert.Equal("{\"mode\":\"soft\",\"size\":1}", written.Tree["spec"]!.ToString());
        Assert.Null(written.Label("x"));
        Assert.Equal("{\"phase\":\"Ready\"}", written.Tree["status"]!.ToString());
        Assert.Equal(OutcomeKind.Conflict, Replace(widget, body, "status").Kind);
    }

    [Fact]
    public void C16_Create_StatusIsSent_IsDropped()
    {
        CreateDefinition();
        Assert.Null(Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1},'status':{'phase':'x'}}").Tree["status"]);
        Assert.Equal("{\"phase\":\"Pending\"}", CreateClaim("a").Tree["status"]!.ToString());
    }

    [Fact]
    public void C17_Delete_NoFinalizers_GoneWithAHigherVersion()
    {
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        var watch = Watch(node.Type, node.ResourceVersion);
        Assert.True(Delete(node).IsDone);
        var told = Assert.IsType<WatchSignal.Deleted>(Assert.Single(Read(watch)));
        Assert.True(Version(told.Object) > Version(node));
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Get(node.Type, node.Key)).Kind);
    }

    [Fact]
    public void C18_Delete_Finalizers_MarkedAndModified()
    {
        var node = Create(ResourceTypes.Nodes, Held);
        var watch = Watch(node.Type, node.ResourceVersion);
        var marked = Delete(node).Value.Object!;
        Assert.Equal(Start.ToRfc3339(), marked.Metadata.Text("deletionTimestamp"));
        Assert.Equal(0, marked.Metadata.Number("deletionGracePeriodSeconds"));
        Assert.Equal("~n", Told(watch));
    }

    [Fact]
    public void C19_LastFinalizerIsRemoved_GoneInThatRequest()
    {
        var node = Create(ResourceTypes.Nodes, Held);
        Delete(node);
        var watch = Watch(node.Type, Get(node).ResourceVersion);
        Assert.True(Patch(node, "{'metadata':{'finalizers':null}}").IsDone);
        Assert.Equal("-n", Told(watch));
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Get(node.Type, node.Key)).Kind);
    }

    [Fact]
    public void C20_FinalizerIsAdded_WhileDeleting_Rejected()
    {
        var node = Create(ResourceTypes.Nodes, Held);
        Delete(node);
        var added = Patch(node, "{'metadata':{'finalizers':['example.com/hold','example.com/more']}}");
        Assert.Equal(OutcomeKind.Rejected, added.Kind);
        Assert.Contains("no new finalizers can be added if the object is being deleted", added.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C21_DeletionTimestamp_ClientsWriteIt_StaysAsItIs()
    {
        var node = Create(ResourceTypes.Nodes, Held);
        Assert.Equal(OutcomeKind.Rejected, Patch(node, "{'metadata':{'deletionTimestamp':'2030-01-01T00:00:00Z'}}").Kind);
        Delete(node);
        Assert.True(Patch(node, "{'metadata':{'deletionTimestamp':null,'labels':{'x':'y'}}}").IsDone);
        Assert.Equal(Start.ToRfc3339(), Get(node).Metadata.Text("deletionTimestamp"));
        var born = Create(ResourceTypes.Nodes, "{'metadata':{'name':'m','deletionTimestamp':'2030-01-01T00:00:00Z'}}");
        Assert.False(born.IsBeingDeleted);
    }

    [Fact]
    public void C22_SecondDelete_ChangesNothing()
    {
        var node = Create(ResourceTypes.Nodes, Held);
        var first = Delete(node).Value.Object!;
        Now += TimeSpan.FromMinutes(1);
        var second = Delete(node);
        Assert.True(second.IsDone);
        Assert.Equal(first.ResourceVersion, Get(node).ResourceVersion);
    }

    [Fact]
    public void C23_DeletePreconditions_DoNotHold_Conflict()
    {
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        Assert.Equal(OutcomeKind.Conflict, Delete(node, uid: "other").Kind);
        Assert.Equal(OutcomeKind.Conflict, Delete(node, version: "1").Kind);
        Assert.True(Delete(node, node.Uid, node.ResourceVersion).IsDone);
    }

    [Fact]
    public void DeletePod_OnANode_WaitsForItsGracePeriodAndTheKubelet()
    {
        var pod = Create(
            ResourceTypes.Pods,
            "{'metadata':{'name':'p'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i'}]}}");
        var marked = Delete(pod).Value.Object!;
        Assert.Equal((Start + TimeSpan.FromSeconds(30)).ToRfc3339(), marked.Metadata.Text("deletionTimestamp"));
        var shorter = Send(new ClusterRequest.Delete(pod.Type, pod.Key) { GracePeriodSeconds = 5 }).Value.Object!;
        Assert.Equal((Start + TimeSpan.FromSeconds(5)).ToRfc3339(), shorter.Metadata.Text("deletionTimestamp"));
        Assert.True(Send(new ClusterRequest.Delete(pod.Type, pod.Key) { GracePeriodSeconds = 0 }).IsDone);
        Assert.Empty(List(pod.Type).Items);
    }

    [Fact]
    public void DeletePod_NotYetOnANode_GoneAtOnce()
    {
        var pod = Create(ResourceTypes.Pods, "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i'}]}}");
        Delete(pod);
        Assert.Empty(List(pod.Type).Items);
    }

    [Fact]
    public void DeleteNamespace_WaitsForItsFinalizer_AndTakesNoNewContent()
    {
        var home = Create(ResourceTypes.Namespaces, "{'metadata':{'name':'x'}}");
        Assert.Equal("Terminating", Delete(home).Value.Object!.Tree.At("status", "phase")!.ToString().Trim('"'));
        var refused = Send(new ClusterRequest.Create(ResourceTypes.Events, "x", JsonMap.Of(("metadata", JsonMap.Of(("name", "e"))))));
        Assert.Equal(OutcomeKind.Refused, refused.Kind);
        Assert.Contains("because it is being terminated", refused.Message, StringComparison.Ordinal);
        var finalized = Get(home).Tree.WithAt(["spec", "finalizers"], JsonList.Empty);
        Assert.True(Replace(home, finalized, "finalize").IsDone);
        Assert.Equal(OutcomeKind.NotFound, Send(new ClusterRequest.Get(home.Type, home.Key)).Kind);
    }
}
