using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>News that goes on can be read for as long as it does, though an API server keeps each Event for an hour only.</summary>
public sealed class EventLifeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);
    private readonly ClusterWorld _world = new(agents: 2);

    public EventLifeTests() => _world.AddClass("nonsense");

    [Fact]
    public void News_ThatGoesOn_IsAlwaysThere()
    {
        _world.Settle(Moment);
        var last = 0L;
        for (var minute = 0; minute < 300; minute += 10)
        {
            _world.Settle(TimeSpan.FromMinutes(10));
            var count = Told()!.Tree.Number("count") ?? 0;
            Assert.True(count > last, $"after {minute} min: {count} times, and {last} before");
            last = count;
        }
    }

    [Fact]
    public void News_OfAnEarlierLife_IsWrittenAnewWhenItsEventHasGone()
    {
        _world.Settle(Moment);
        for (var minute = 0; minute < 300; minute += 5)
        {
            if (minute == 25)
            {
                _world.KillLeader();
            }

            _world.Settle(TimeSpan.FromMinutes(5));
            Assert.NotNull(Told());
        }
    }

    [Fact]
    public void News_WhoseEventSomebodyDeleted_IsWrittenAnew()
    {
        _world.Settle(Moment);
        _world.Delete(Told()!);
        _world.Settle(TimeSpan.FromMinutes(40));
        Assert.True(Told()!.Tree.Number("count") > 1);
    }

    private KubernetesObject? Told() => _world.Server
        .Send(_world.Now, new ClusterRequest.List(ResourceTypes.Events, ObjectSelector.Everything)).Value.Items
        .SingleOrDefault(told => told.Tree.Text("reason") == "InvalidStorageClass");
}
