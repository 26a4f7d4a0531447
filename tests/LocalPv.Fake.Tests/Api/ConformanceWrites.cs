using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C01 to C13: versions, creates, updates, generations.</summary>
public sealed class ConformanceWrites : ApiServerTests
{
    [Fact]
    public void C01_Versions_AnyKindIsWritten_IncreaseStrictly()
    {
        var before = Server.Revision;
        var claim = CreateClaim("a");
        var node = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        var patched = Patch(claim, "{'metadata':{'labels':{'x':'y'}}}").Value.Object!;
        Assert.True(before < Version(claim));
        Assert.True(Version(claim) < Version(node));
        Assert.True(Version(node) < Version(patched));
    }

    [Fact]
    public void C02_NoOpWrites_NothingChanges_NoVersionAndNoEvent()
    {
        var claim = CreateClaim("a", ",'annotations':{'k':'v'}");
        var watch = Watch(claim.Type, claim.ResourceVersion);
        Assert.Equal(claim.ResourceVersion, Patch(claim, "{'metadata':{'annotations':{'k':'v','none':null}}}").Value.ResourceVersion);
        Assert.Equal(claim.ResourceVersion, Replace(claim, claim.Tree).Value.ResourceVersion);
        Assert.Equal(claim.ResourceVersion, Patch(claim, "{'metadata':{'labels':{'none':null}}}").Value.ResourceVersion);
        Assert.Equal("", Told(watch));
        Assert.Equal(Version(claim), Server.Revision);
    }

    [Fact]
    public void C03_Replace_VersionIsOld_Conflict()
    {
        var claim = CreateClaim("a");
        Patch(claim, "{'metadata':{'labels':{'x':'1'}}}");
        var stale = Replace(claim, claim.Tree.WithAt(["metadata", "labels", "x"], "2"));
        Assert.Equal(OutcomeKind.Conflict, stale.Kind);
        Assert.Equal(
            "Operation cannot be fulfilled on persistentvolumeclaims \"a\": the object has been modified; please apply your changes to "
            + "the latest version and try again",
            stale.Message);
        Assert.Equal("1", Get(claim).Label("x"));
    }

    [Fact]
    public void C04_ReplaceWithoutVersion_CustomResourceRefusesClaimTakesLastWrite()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w'},'spec':{'size':1}}");
        Patch(widget, "{'spec':{'size':2}}");
        var refused = Replace(widget, widget.Tree.With("metadata", widget.Metadata.Without("resourceVersion")));
        Assert.Equal(OutcomeKind.Rejected, refused.Kind);
        Assert.EndsWith(
            "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update", refused.Message, StringComparison.Ordinal);

        var claim = CreateClaim("a");
        Patch(claim, "{'metadata':{'labels':{'x':'1'}}}");
        var taken = Replace(claim, claim.Tree.With("metadata", claim.Metadata.Without("resourceVersion")));
        Assert.True(taken.IsDone, taken.Message);
        Assert.Null(Get(claim).Label("x"));
    }

    [Fact]
    public void C05_Replace_ObjectIsMissing_NotFoundAndNotCreated()
    {
        var claim = CreateClaim("a");
        var missing = Send(new ClusterRequest.Replace(
            claim.Type, new ObjectKey("default", "b"), claim.Tree.WithAt(["metadata", "name"], "b")));
        Assert.Equal(OutcomeKind.NotFound, missing.Kind);
        Assert.Single(List(claim.Type).Items);
    }

    [Fact]
    public void C06_Replace_UidIsAnother_Conflict()
    {
        var claim = CreateClaim("a");
        var other = claim.Tree.WithAt(["metadata", "uid"], "00000000-0000-0000-0000-000000000000");
        var conflict = Replace(claim, other);
        Assert.Equal(OutcomeKind.Conflict, conflict.Kind);
        Assert.Contains("Precondition failed: UID in precondition", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C07_Create_NameIsTaken_AlreadyExists()
    {
        var claim = CreateClaim("a");
        var again = CreateAgain(claim);
        Assert.Equal(OutcomeKind.AlreadyExists, again.Kind);
        Assert.Equal("persistentvolumeclaims \"a\" already exists", again.Message);
    }

    [Fact]
    public void C08_Create_OldOneIsTerminating_AlreadyExistsAndSaysSo()
    {
        var claim = CreateClaim("a");
        Delete(claim);
        var again = CreateAgain(claim);
        Assert.Equal(OutcomeKind.AlreadyExists, again.Kind);
        Assert.Equal("object is being deleted: persistentvolumeclaims \"a\" already exists", again.Message);
    }

    [Fact]
    public void C09_Create_BodyHasAVersion_NotMade()
    {
        var outcome = Send(new ClusterRequest.Create(
            ResourceTypes.Nodes, "", Json("{'metadata':{'name':'n','resourceVersion':'7'}}")));
        Assert.False(outcome.IsDone);
        Assert.Equal("resourceVersion should not be set on objects to be created", outcome.Message);
        Assert.Empty(List(ResourceTypes.Nodes).Items);
    }

    [Fact]
    public void C10_GenerateName_ManyOfOnePrefix_DistinctAndShortEnough()
    {
        var prefix = new string('p', 70);
        var names = Enumerable.Range(0, 50).Select(_ => Create(
            ResourceTypes.Nodes, "{'metadata':{'generateName':'" + prefix + "'}}").Name).ToList();
        Assert.Equal(50, names.Distinct().Count());
        Assert.All(names, name => Assert.Equal(63, name.Length));
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public void C10_GenerateName_NamesAreTaken_EightTriesThenAlreadyExists(int taken, bool isMade)
    {
        // The same seed gives the same names: a first server tells which ones a second will try.
        var first = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start });
        var names = Enumerable.Range(0, taken)
            .Select(_ => first.Seed(Start, ResourceTypes.Nodes, Json("{'metadata':{'generateName':'n-'}}")).Name)
            .ToList();
        Assert.All(names, name => Assert.Matches("^n-[bcdfghjklmnpqrstvwxz2456789]{5}$", name));
        foreach (var name in names)
        {
            Create(ResourceTypes.Nodes, "{'metadata':{'name':'" + name + "'}}");
        }

        var outcome = Send(new ClusterRequest.Create(ResourceTypes.Nodes, "", Json("{'metadata':{'generateName':'n-'}}")));
        Assert.Equal(isMade ? OutcomeKind.Done : OutcomeKind.AlreadyExists, outcome.Kind);
    }

    [Fact]
    public void C11_Uid_MadeAgainUnderTheSameName_IsNew()
    {
        var first = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        Delete(first);
        var second = Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        Assert.NotEqual(first.Uid, second.Uid);
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", second.Uid);
    }

    [Fact]
    public void C12_Generation_CountsTheWishAndNothingElse()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w','generation':7},'spec':{'size':1}}");
        Assert.Equal(1, widget.Generation);
        Assert.Equal(1, Patch(widget, "{'metadata':{'labels':{'x':'y'}}}").Value.Object!.Generation);
        Assert.Equal(1, Patch(widget, "{'status':{'phase':'Ready'}}", "status").Value.Object!.Generation);
        Assert.Equal(1, Patch(widget, "{'metadata':{'generation':9}}").Value.Object!.Generation);
        Assert.Equal(2, Patch(widget, "{'spec':{'size':2}}").Value.Object!.Generation);
    }

    [Fact]
    public void C13_Generation_DeletionIsMarked_CountsOnce()
    {
        CreateDefinition();
        var widget = Create(Widgets, "{'metadata':{'name':'w','finalizers':['example.com/hold']},'spec':{'size':1}}");
        Assert.Equal(2, Delete(widget).Value.Object!.Generation);
        Delete(widget);
        Assert.Equal(2, Get(widget).Generation);
    }

    [Fact]
    public void Answers_SameSeedAndCalls_AreTheSame()
    {
        static string Run(ulong seed)
        {
            var server = new FakeApiServer(new FakeApiServerOptions { Seed = seed, StartedAt = Start });
            server.Seed(Start, ResourceTypes.Nodes, Json("{'metadata':{'generateName':'n-'}}"));
            return string.Join("\n", server.Snapshot(ResourceTypes.Nodes).Concat(server.Snapshot(ResourceTypes.Namespaces))
                .Select(item => item.Tree.ToString()));
        }

        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }

    private Outcome<ClusterAnswer> CreateAgain(KubernetesObject original) => Send(new ClusterRequest.Create(
        original.Type, original.Namespace, JsonMap.Of(("metadata", JsonMap.Of(("name", original.Name))), ("spec", original.Tree["spec"]))));
}
