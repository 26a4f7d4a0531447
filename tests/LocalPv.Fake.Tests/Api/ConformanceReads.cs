using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C32 to C34, C41 and C42: lists, pages and selectors.</summary>
public sealed class ConformanceReads : ApiServerTests
{
    [Fact]
    public void C32_List_VersionIsNotBelowAnyItems()
    {
        CreateNodes("a", "b", "c");
        var list = List(ResourceTypes.Nodes);
        Assert.All(list.Items, item => Assert.True(Version(item) <= Number(list.ResourceVersion)));
        Assert.Equal(Server.Revision, Number(list.ResourceVersion));
    }

    [Fact]
    public void C33_Pages_WritesHappenBetweenThem_ShowOneMoment()
    {
        CreateNodes("a", "b", "c", "d", "e");
        var first = Page(2, "").Value;
        Send(new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped("c")));
        CreateNodes("bb");
        Patch(first.Items[1], "{'metadata':{'labels':{'x':'y'}}}");
        Send(new ClusterRequest.Patch(ResourceTypes.Nodes, ObjectKey.ClusterScoped("d"), Json("{'metadata':{'labels':{'x':'y'}}}")));
        var second = Page(2, first.Continue).Value;
        var third = Page(2, second.Continue).Value;
        var all = first.Items.AddRange(second.Items).AddRange(third.Items);
        Assert.Equal(["a", "b", "c", "d", "e"], all.Select(item => item.Name));
        Assert.All(all, item => Assert.Null(item.Label("x")));
        Assert.Equal([first.ResourceVersion, first.ResourceVersion], [second.ResourceVersion, third.ResourceVersion]);
        Assert.Equal("", third.Continue);
    }

    [Fact]
    public void C33_Pages_NoSelector_SayHowManyFollow()
    {
        CreateNodes("a", "b", "c");
        Server.Kinds.TryFind(ResourceTypes.Nodes, out var kind);
        Assert.Equal(2, Server.List(Now, kind!, new ListOptions { Limit = 1 }).RemainingItemCount);
        Assert.Null(Server.List(Now, kind!, new ListOptions { Limit = 3 }).RemainingItemCount);
    }

    [Fact]
    public void C34_Pages_HistoryIsCompacted_ExpiredWithATokenThatGoesOnFromNow()
    {
        CreateNodes("a", "b", "c");
        var first = Page(1, "").Value;
        CreateNodes("d");
        Server.Compact(Server.Revision);
        Assert.Equal(OutcomeKind.Expired, Page(1, first.Continue).Kind);
        Server.Kinds.TryFind(ResourceTypes.Nodes, out var kind);
        var expired = Server.List(Now, kind!, new ListOptions { Limit = 1, Continue = first.Continue }).Error!;
        Assert.Equal(410, expired.Code);
        var rest = Page(0, expired.Continue).Value;
        Assert.Equal(["b", "c", "d"], rest.Items.Select(item => item.Name));
    }

    [Fact]
    public void C34_Pages_HistoryIsOlderThanItsWindow_Expired()
    {
        CreateNodes("a", "b");
        var first = Page(1, "").Value;
        Now += TimeSpan.FromMinutes(4);
        CreateNodes("c");
        Assert.True(Page(1, first.Continue).IsDone);
        Now += TimeSpan.FromMinutes(6);
        CreateNodes("d");
        Assert.Equal(OutcomeKind.Expired, Page(1, first.Continue).Kind);
    }

    [Fact]
    public void ExactVersion_HistoryHasIt_ShowsThatMoment()
    {
        CreateNodes("a");
        var then = Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        CreateNodes("b");
        Server.Kinds.TryFind(ResourceTypes.Nodes, out var kind);
        var options = new ListOptions { ResourceVersion = then, ResourceVersionMatch = "Exact" };
        Assert.Equal(["a"], Server.List(Now, kind!, options).Items.Select(item => item.Name));
        Server.Compact(Server.Revision);
        Assert.Equal("The resourceVersion for the provided list is too old.", Server.List(Now, kind!, options).Error!.Message);
    }

    [Fact]
    public void FutureVersion_List_UnavailableAndSaysTheCurrentOne()
    {
        var outcome = Send(new ClusterRequest.List(ResourceTypes.Nodes, ObjectSelector.Everything, "999999999"));
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Equal($"Timeout: Too large resource version: 999999999, current: {Server.Revision}", outcome.Message);
        Assert.Equal(TimeSpan.FromSeconds(1), outcome.RetryAfter);
    }

    [Fact]
    public void C41_FieldSelectors_NameNamespaceAndNodeName()
    {
        Create(ResourceTypes.Namespaces, "{'metadata':{'name':'other'}}");
        CreatePod("a", "n1");
        CreatePod("b", "n2");
        CreatePod("a", "n2", "other");
        Assert.Equal(["default/a", "other/a"], Keys(List(ResourceTypes.Pods, fields: "metadata.name=a")));
        Assert.Equal(["other/a"], Keys(List(ResourceTypes.Pods, fields: "metadata.namespace==other")));
        Assert.Equal(["default/b", "other/a"], Keys(List(ResourceTypes.Pods, fields: "spec.nodeName=n2")));
        Assert.Equal(["other/a"], Keys(List(ResourceTypes.Pods, fields: "spec.nodeName=n2,metadata.name!=b")));
        Assert.Equal(["default/a"], Keys(List(ResourceTypes.Pods, "default", fields: "metadata.name=a")));
        var unknown = Send(new ClusterRequest.List(ResourceTypes.Pods, new ObjectSelector(Fields: "spec.foo=x")));
        Assert.Equal(OutcomeKind.Refused, unknown.Kind);
        Assert.Equal("field label not supported: spec.foo", unknown.Message);
    }

    [Theory]
    [InlineData("a=1", "x y")]
    [InlineData("a==1", "x y")]
    [InlineData("a!=1", "z w")]
    [InlineData("a in (1, 2)", "x y z")]
    [InlineData("a notin (1)", "z w")]
    [InlineData("a", "x y z")]
    [InlineData("!a", "w")]
    [InlineData("a=1,b", "y")]
    [InlineData("a>1", "z")]
    [InlineData("a<2", "x y")]
    [InlineData("b in (,q)", "y")]
    [InlineData("example.com/k=v", "w")]
    public void C42_LabelSelectors_TheWholeGrammar(string selector, string expected)
    {
        Create(ResourceTypes.Nodes, "{'metadata':{'name':'x','labels':{'a':'1'}}}");
        Create(ResourceTypes.Nodes, "{'metadata':{'name':'y','labels':{'a':'1','b':''}}}");
        Create(ResourceTypes.Nodes, "{'metadata':{'name':'z','labels':{'a':'2'}}}");
        Create(ResourceTypes.Nodes, "{'metadata':{'name':'w','labels':{'example.com/k':'v'}}}");
        var names = List(ResourceTypes.Nodes, labels: selector).Items.Select(item => item.Name).ToList();
        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), names);
    }

    [Theory]
    [InlineData("a in 1")]
    [InlineData("a b")]
    [InlineData("=x")]
    [InlineData("a=x y")]
    [InlineData("a>x")]
    [InlineData("-a")]
    public void C42_LabelSelectors_Malformed_Refused(string selector)
    {
        var outcome = Send(new ClusterRequest.List(ResourceTypes.Nodes, new ObjectSelector(Labels: selector)));
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains("unable to parse requirement", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ListOrder_IsThatOfTheStorage_NamespaceEndsBeforeADash()
    {
        Create(ResourceTypes.Namespaces, "{'metadata':{'name':'a'}}");
        Create(ResourceTypes.Namespaces, "{'metadata':{'name':'a-b'}}");
        CreatePod("x", "n", "a");
        CreatePod("x", "n", "a-b");
        Assert.Equal(["a-b/x", "a/x"], Keys(List(ResourceTypes.Pods)));
        Assert.Equal(["a/x"], Keys(List(ResourceTypes.Pods, "a")));
    }

    private static IEnumerable<string> Keys(ClusterAnswer list) => list.Items.Select(item => item.Key.ToString());

    private static long Number(string version) => long.Parse(version, System.Globalization.CultureInfo.InvariantCulture);

    private Outcome<ClusterAnswer> Page(int limit, string token) =>
        Send(new ClusterRequest.List(ResourceTypes.Nodes, ObjectSelector.Everything, "", limit, token));

    private void CreateNodes(params string[] names)
    {
        foreach (var name in names)
        {
            Create(ResourceTypes.Nodes, "{'metadata':{'name':'" + name + "'}}");
        }
    }

    private void CreatePod(string name, string node, string inNamespace = "default") => Create(
        ResourceTypes.Pods,
        "{'metadata':{'name':'" + name + "'},'spec':{'nodeName':'" + node + "','containers':[{'name':'c','image':'i'}]}}",
        inNamespace);
}
