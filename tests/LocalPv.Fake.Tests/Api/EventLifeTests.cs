using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>An Event goes an hour after its last write (<c>kube-apiserver --event-ttl</c>), and whoever watches is told.</summary>
public sealed class EventLifeTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Start });

    [Fact]
    public void Event_NotWrittenForAnHour_IsGoneAndWatchersAreTold()
    {
        var told = Create("told");
        var watch = _server.OpenWatch(Start, new WatchRequest(ResourceTypes.Events, ObjectSelector.Everything, told.ResourceVersion));
        Assert.Equal(["told"], Names(59));
        Assert.Equal([], Names(60));
        Assert.True(watch.TryRead(At(60), out var signal));
        Assert.Equal("told", Assert.IsType<WatchSignal.Deleted>(signal).Object.Name);
        Assert.Equal(Core.Outcomes.OutcomeKind.NotFound, OutcomeKindOf(told, 61));
        Assert.NotEqual(told.Uid, Create("told", 61).Uid);
    }

    [Fact]
    public void Event_WrittenAgain_StaysForAnHourMore()
    {
        var told = Create("told");
        Assert.True(_server.Send(At(50), new ClusterRequest.Patch(told.Type, told.Key, JsonMap.Of(("count", 2)))).IsDone);
        Assert.Equal(["told"], Names(109));
        Assert.Equal([], Names(110));
    }

    [Fact]
    public void OtherObjects_Stay()
    {
        _server.Seed(Start, ResourceTypes.Nodes, JsonMap.Of(("metadata", JsonMap.Of(("name", "n")))));
        Assert.Equal([], Names(60 * 24));
        Assert.Single(_server.Snapshot(ResourceTypes.Nodes));
    }

    private static Instant At(int minute) => Start + TimeSpan.FromMinutes(minute);

    private Core.Outcomes.OutcomeKind OutcomeKindOf(KubernetesObject target, int minute) =>
        _server.Send(At(minute), new ClusterRequest.Get(target.Type, target.Key)).Kind;

    private IEnumerable<string> Names(int minute) =>
        _server.Send(At(minute), new ClusterRequest.List(ResourceTypes.Events, ObjectSelector.Everything)).Value.Items
            .Select(item => item.Name);

    private KubernetesObject Create(string name, int minute = 0) => _server.Seed(At(minute), ResourceTypes.Events, JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("namespace", "default"))),
        ("involvedObject", JsonMap.Of(("kind", "Node"), ("namespace", "default"), ("name", "n")))));
}
