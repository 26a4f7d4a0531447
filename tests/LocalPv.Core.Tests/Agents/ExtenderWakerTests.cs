using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using static LocalPv.Core.Tests.Agents.ExtenderWorld;

namespace LocalPv.Core.Tests.Agents;

/// <summary>A Pod was turned away, and then there is room.</summary>
public sealed class ExtenderWakerTests
{
    private readonly ExtenderWorld _world = new();

    public ExtenderWakerTests()
    {
        _world.Put(StorageClass("fast"), _world.Storage("fast", "n1", free: "1Gi"), Claim("big", "5Gi")).Start();
        Assert.Empty(_world.Passed(Pod("p", "big"), "n1"));
        Assert.Empty(_world.Touches);
        _world.Put(_world.Storage("fast", "n1", free: "10Gi", scan: 2));
        Assert.Single(_world.Touches);
    }

    [Theory]
    [InlineData(OutcomeKind.Unavailable)]
    [InlineData(OutcomeKind.InDoubt)]
    public void Touch_ThatMayNotHaveHappened_IsMadeAgainEverMoreRarely(OutcomeKind kind)
    {
        for (var failures = 1; failures <= 8; failures++)
        {
            _world.Answer(_world.Touches[^1], Outcome.Failed<ClusterAnswer>(kind, "away"));
            Pass(TimeSpan.FromSeconds(1));
            Assert.Equal(failures, _world.Touches.Count);
            Pass(TimeSpan.FromSeconds(Math.Min(1 << failures, 60) * 1.2));
            Assert.Equal(failures + 1, _world.Touches.Count);
        }

        _world.Answer(_world.Touches[^1], Outcome.Done(ClusterAnswer.Of(null)));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(9, _world.Touches.Count);
    }

    [Theory]
    [InlineData(OutcomeKind.Refused)]
    [InlineData(OutcomeKind.NotFound)]
    public void Touch_ThatIsRefused_IsNotRepeated(OutcomeKind kind)
    {
        _world.Answer(_world.Touches[^1], Outcome.Failed<ClusterAnswer>(kind, "no"));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Single(_world.Touches);
    }

    private void Pass(TimeSpan time)
    {
        _world.Now += time;
        _world.Wake();
    }
}
