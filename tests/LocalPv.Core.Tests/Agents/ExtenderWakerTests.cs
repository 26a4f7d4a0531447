using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
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

    [Fact]
    public void Touch_ThatIsRefused_IsNotRepeated()
    {
        _world.Answer(_world.Touches[^1], Outcome.Failed<ClusterAnswer>(OutcomeKind.Refused, "no"));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Single(_world.Touches);
    }

    [Fact]
    public void Touch_OfWhatIsNotThere_GoesOnWithTheNext_AndRemembersIt()
    {
        _world.Put(_world.Storage("fast", "n2", free: "1Gi"));
        AnswerNotFound();
        Assert.Equal(["fast.n1", "fast.n2"], Touched());
        _world.Answer(_world.Touches[^1], Outcome.Done(ClusterAnswer.Of(null)));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(2, _world.Touches.Count);
        Assert.Empty(_world.Passed(Pod("p", "big"), "n2"));
        _world.Put(_world.Storage("fast", "n2", free: "10Gi", scan: 2));
        Assert.Equal(["fast.n1", "fast.n2", "fast.n2"], Touched());
    }

    [Fact]
    public void Touch_WhereNothingIsThere_IsGivenUpAfterAFewTries()
    {
        for (var round = 0; round < 10; round++)
        {
            AnswerNotFound();
            Pass(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(4, _world.Touches.Count);
    }

    [Fact]
    public void Room_ThatIsTooSmallForAll_WakesNobody()
    {
        TurnAwayOnceMore();
        _world.Put(_world.Storage("fast", "n1", free: "3Gi", scan: 4));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Single(_world.Touches);
        _world.Put(_world.Storage("fast", "n1", free: "6Gi", scan: 5));
        Assert.Equal(2, _world.Touches.Count);
    }

    [Fact]
    public void Room_WhereTheClaimHasFailed_WakesNobodyUntilItMayGoThereAgain()
    {
        TurnAwayOnceMore();
        var failed = FailedOn.Nothing.With(NodeName.Parse("n1"), "NoSpace", "full", _world.Now).ToString();
        _world.Put(Claim("big", "5Gi", failedOn: failed));
        _world.Put(_world.Storage("fast", "n1", free: "6Gi", scan: 4));
        Pass(TimeSpan.FromSeconds(5));
        Assert.Single(_world.Touches);
        Assert.Empty(_world.Passed(Pod("p", "big"), "n1"));
        Pass(TimeSpan.FromSeconds(5));
        Assert.Single(_world.Touches);
        Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(2, _world.Touches.Count);
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(2, _world.Touches.Count);
    }

    [Fact]
    public void Room_ForAPodOfWhichOneClaimHasANode_CountsThereOnly()
    {
        Spend();
        _world.Put(Claim("sent", "5Gi", node: "n1"));
        Assert.Empty(_world.Passed(Pod("two", "sent", "big"), "n1"));
        _world.Put(_world.Storage("fast", "n1", free: "6Gi", scan: 4));
        Pass(TimeSpan.FromSeconds(5));
        _world.Put(_world.Storage("fast", "n2", free: "20Gi"));
        Pass(TimeSpan.FromSeconds(5));
        Assert.Single(_world.Touches);
        _world.Put(_world.Storage("fast", "n1", free: "12Gi", scan: 5));
        Assert.Equal(2, _world.Touches.Count);
    }

    /// <summary>The group has as much as before: what is new is that it takes volumes again.</summary>
    [Fact]
    public void Report_ThatIsHeardAgainAfterALongSilence_WakesThoseWhoFitThere()
    {
        Spend();
        _world.Put(_world.Storage("fast", "n1", free: "10Gi", scan: 4));
        Pass(TimeSpan.FromMinutes(16));
        Assert.Empty(_world.Passed(Pod("p", "big"), "n1"));
        Pass(TimeSpan.FromMinutes(1));
        Assert.Single(_world.Touches);
        _world.Put(_world.Storage("fast", "n1", free: "10Gi", scan: 5));
        Assert.Equal(2, _world.Touches.Count);
    }

    [Fact]
    public void Room_WhereMoreWaitThanAreLookedAt_WakesThemWhateverItIs()
    {
        TurnAwayOnceMore();
        for (var pod = 0; pod <= 16; pod++)
        {
            Assert.Empty(_world.Passed(Pod($"p{pod}", "big"), "n1"));
        }

        _world.Put(_world.Storage("fast", "n1", free: "3Gi", scan: 4));
        Assert.Equal(2, _world.Touches.Count);
    }

    private void AnswerNotFound()
    {
        _world.Answer(_world.Touches[^1], Outcome.Failed<ClusterAnswer>(OutcomeKind.NotFound, "no such object"));
        _world.Wake();
    }

    private IEnumerable<string> Touched() => _world.Touches.Select(touch => ((ClusterRequest.Patch)touch.Request).Key.Name);

    // The scheduler has asked again and was told no again; nothing is on the way any more.
    private void TurnAwayOnceMore()
    {
        Spend();
        Assert.Empty(_world.Passed(Pod("p", "big"), "n1"));
    }

    private void Spend()
    {
        _world.Put(_world.Storage("fast", "n1", free: "1Gi", scan: 3));
        _world.Answer(_world.Touches[^1], Outcome.Done(ClusterAnswer.Of(null)));
        Pass(TimeSpan.FromSeconds(5));
    }

    private void Pass(TimeSpan time)
    {
        _world.Now += time;
        _world.Wake();
    }
}
