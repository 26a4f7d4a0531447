using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Placement;
using static LocalPv.Core.Tests.Agents.ExtenderWorld;

namespace LocalPv.Core.Tests.Agents;

public sealed class ExtenderAgentTests
{
    private readonly ExtenderWorld _world = new();

    [Theory]
    [InlineData("StorageClass")]
    [InlineData("NodeLocalStorage")]
    [InlineData("PersistentVolumeClaim")]
    public void Filter_OneKindNotSeenYet_IsAnError(string kind)
    {
        _world.Start(kind);
        Assert.False(_world.Agent.IsReady);
        Assert.NotEqual("", _world.Filter(Pod("p", "c"), "n1").Error);
        Assert.NotEqual("", _world.Agent.Prioritize(_world.Now, new FilterRequest(Pod("p"), ["n1"])).Error);
    }

    [Fact]
    public void Filter_PodWithoutClaims_PassesEveryNode()
    {
        _world.Start();
        Assert.Equal(["n1", "unheard-of"], _world.Passed(Pod("p"), "n1", "unheard-of"));
        Assert.Equal([0, 0], _world.Scores(Pod("p"), "n1", "unheard-of"));
    }

    [Fact]
    public void Filter_OthersClaims_PassEveryNode()
    {
        _world.Put(
            StorageClass("cloud", "ebs.csi.aws.com"),
            Claim("a", "1Gi", "cloud"),
            Claim("b", "1Gi", "manual"),
            Claim("c", "1Gi", null)).Start();
        Assert.Equal(["n1"], _world.Passed(Pod("p", "a", "b", "c"), "n1"));
    }

    [Fact]
    public void Filter_BoundClaim_PinsNothing()
    {
        Cluster().Put(Claim("a", "500Gi", node: "n1", volume: "pvc-uid-a")).Start();
        Assert.Equal(["n1", "n2", "n3"], _world.Passed(Pod("p", "a"), "n1", "n2", "n3"));
    }

    [Fact]
    public void Filter_ClaimFitsSomewhere_NamesWhereAndWhyNotElsewhere()
    {
        Cluster().Put(Claim("a", "10Gi")).Start();
        var decision = _world.Filter(Pod("p", "a"), "n1", "n2", "n3", "n4");
        Assert.Equal("n2", Assert.Single(decision.Passed));
        Assert.Equal(
            [
                new("n1", "not enough space: 10Gi needed for class fast, 4Gi available in volume group vg"),
                new("n3", "class fast takes no volumes on this node: NodeLocalStorage fast.n3 is Failed: its volume group cannot be used"),
                new("n4", "class fast has no storage on this node"),
            ],
            decision.Rejected.ToArray());
    }

    [Fact]
    public void Filter_ClaimsFitAloneButNotTogether_RejectsTheNode()
    {
        Cluster().Put(Claim("a", "12Gi"), Claim("b", "12Gi")).Start();
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n2"));
        Assert.Equal([], _world.Passed(Pod("q", "a", "b"), "n2"));
    }

    [Fact]
    public void Filter_ClaimsOfTwoClassesInOneGroup_AreAddedUp()
    {
        Cluster().Put(
            StorageClass("slow"),
            _world.Storage("slow", "n2", free: "20Gi"),
            Claim("a", "12Gi"),
            Claim("b", "12Gi", "slow")).Start();
        Assert.Equal([], _world.Passed(Pod("p", "a", "b"), "n2"));
        Assert.Equal(["n2"], _world.Passed(Pod("q", "b"), "n2"));
    }

    [Fact]
    public void Filter_MirroredClass_CountsTheMirrorsAndTheirMetadata()
    {
        _world.Put(
            StorageClass("safe"),
            _world.Storage("safe", "n1", free: "20Gi", layout: """{"type":"raid1","mirrors":1}"""),
            Claim("half", "10Gi", "safe"),
            Claim("less", "10224Mi", "safe")).Start();
        Assert.Equal([], _world.Passed(Pod("p", "half"), "n1"));
        Assert.Equal(["n1"], _world.Passed(Pod("q", "less"), "n1"));
    }

    [Fact]
    public void Filter_AnotherPodWasOfferedTheSpace_RejectsUntilItHasChosen()
    {
        Cluster().Put(_world.Storage("fast", "n5", free: "20Gi"), Claim("a", "12Gi"), Claim("b", "12Gi")).Start();
        Assert.Equal(["n2", "n5"], _world.Passed(Pod("p", "a"), "n2", "n5"));
        Assert.Equal([], _world.Passed(Pod("q", "b"), "n2", "n5"));

        _world.Put(Claim("a", "12Gi", node: "n2"));
        Assert.Equal(["n5"], _world.Passed(Pod("q", "b"), "n2", "n5"));
    }

    [Fact]
    public void Filter_AskedAgain_AnswersTheSame()
    {
        Cluster().Put(Claim("a", "12Gi")).Start();
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n1", "n2"));
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n1", "n2"));
    }

    [Fact]
    public void Filter_OwnPromiseOrVolume_DoesNotSpeakAgainstTheNode()
    {
        Cluster().Put(Claim("a", "12Gi", node: "n2")).Start();
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n2"));

        _world.Put(_world.Storage("fast", "n2", free: "8Gi", scan: 2, volumes: "uid-a"));
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n2"));
    }

    [Fact]
    public void Filter_ClaimFailedOnANode_IsKeptAwayForAWhile()
    {
        Cluster().Put(_world.Storage("fast", "n5", free: "20Gi"), Claim("a", "1Gi")).Start();
        var failed = $$"""[{"node":"n2","reason":"NoSpace","message":"","time":"{{_world.Now.ToRfc3339()}}","count":1}]""";
        _world.Put(Claim("a", "1Gi", failedOn: failed));
        var decision = _world.Filter(Pod("p", "a"), "n2", "n5");
        Assert.Equal("n5", Assert.Single(decision.Passed));
        Assert.StartsWith("claim default/a failed on this node (NoSpace) and is kept away until ", decision.Rejected[0].Reason, default);

        _world.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(["n2", "n5"], _world.Passed(Pod("p", "a"), "n2", "n5"));
    }

    [Fact]
    public void Filter_FailureStampedByAClockThatIsAhead_EndsAsSoon()
    {
        Cluster().Put(Claim("a", "1Gi")).Start();
        var ahead = (_world.Now + TimeSpan.FromHours(3)).ToRfc3339();
        _world.Put(Claim("a", "1Gi", failedOn: $$"""[{"node":"n2","reason":"NoSpace","time":"{{ahead}}","count":1}]"""));
        Assert.Equal([], _world.Passed(Pod("p", "a"), "n2"));
        _world.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n2"));
    }

    [Fact]
    public void Filter_OtherNodesThanTheSelectedOne_ShowThatItWasTakenBack()
    {
        Cluster().Put(_world.Storage("fast", "n5", free: "20Gi"), Claim("a", "1Gi", node: "n2")).Start();
        var decision = _world.Filter(Pod("p", "a"), "n2", "n5");
        Assert.Equal("n5", Assert.Single(decision.Passed));
        Assert.Equal(new("n2", "claim default/a was just taken back from this node"), Assert.Single(decision.Rejected));
    }

    [Theory]
    [InlineData("0", "a claim of zero bytes")]
    [InlineData("10Ei", "too large")]
    [InlineData("much", "not a quantity")]
    public void Filter_ImpossibleSize_SaysWhichClaimAndWhy(string size, string expected)
    {
        Cluster().Put(Claim("a", size)).Start();
        var decision = _world.Filter(Pod("p", "a"), "n1", "n2");
        Assert.Empty(decision.Passed);
        Assert.All(decision.Rejected, rejected => Assert.StartsWith("claim default/a cannot be served:", rejected.Reason, default));
        Assert.All(decision.Rejected, rejected => Assert.Contains(expected, rejected.Reason, default));
        Assert.Equal([0, 0], _world.Scores(Pod("p", "a"), "n1", "n2"));
    }

    [Fact]
    public void Filter_LargestSizeThereIs_FitsNowhere()
    {
        Cluster().Put(Claim("a", "9223372036854775807")).Start();
        Assert.Equal([], _world.Passed(Pod("p", "a"), "n1", "n2", "n3"));
    }

    [Fact]
    public void Filter_ClassThatBindsAtOnce_SaysWhatToChange()
    {
        Cluster().Put(StorageClass("hasty", mode: "Immediate"), Claim("a", "1Gi", "hasty")).Start();
        var reason = Assert.Single(_world.Filter(Pod("p", "a"), "n2").Rejected).Reason;
        Assert.Contains("volumeBindingMode Immediate; LocalPv needs WaitForFirstConsumer", reason, default);
    }

    [Fact]
    public void Filter_ClassBecomesKnownLater_IsOursFromThen()
    {
        Cluster().Put(Claim("a", "1Gi", "later")).Start();
        Assert.Equal(["n1"], _world.Passed(Pod("p", "a"), "n1"));
        _world.Put(StorageClass("later"));
        Assert.Equal([], _world.Passed(Pod("p", "a"), "n1"));
    }

    [Fact]
    public void Filter_ClaimNotSeenYet_IsAnErrorForAWhileThenPasses()
    {
        Cluster().Start();
        Assert.Contains("default/a", _world.Filter(Pod("p", "a"), "n1").Error, default);
        _world.Now += TimeSpan.FromSeconds(4.5);
        Assert.NotEqual("", _world.Filter(Pod("p", "a"), "n1").Error);
        _world.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(["n1"], _world.Passed(Pod("p", "a"), "n1"));

        _world.Put(Claim("a", "10Gi"));
        Assert.Equal([], _world.Passed(Pod("p", "a"), "n1"));
    }

    [Fact]
    public void Report_NotRenewed_ClosesTheNodeUntilItIs()
    {
        Cluster().Put(Claim("a", "1Gi")).Start();
        _world.Now += TimeSpan.FromMinutes(16);
        _world.Wake();
        Assert.Contains("no report since", Assert.Single(_world.Filter(Pod("p", "a"), "n2").Rejected).Reason, default);

        _world.Put(_world.Storage("fast", "n2", free: "20Gi", scan: 9));
        Assert.Equal(["n2"], _world.Passed(Pod("p", "a"), "n2"));
    }

    [Fact]
    public void Report_ObjectGone_LeavesNoStorage()
    {
        Cluster().Put(Claim("a", "1Gi")).Start();
        _world.Remove(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped("fast.n2"));
        Assert.Equal("class fast has no storage on this node", Assert.Single(_world.Filter(Pod("p", "a"), "n2").Rejected).Reason);
    }

    [Fact]
    public void Report_UnderAnotherName_IsNobodysReport()
    {
        Cluster().Put(_world.Storage("fast", "n9", free: "50Gi").WithAt(["metadata", "name"], "made-by-hand"), Claim("a", "1Gi")).Start();
        Assert.Equal([], _world.Passed(Pod("p", "a"), "n9"));
    }

    [Fact]
    public void Scores_Spread_LikeTheEmptiestNode()
    {
        _world.Put(StorageClass("fast"), Claim("a", "10Gi")).Put(
            _world.Storage("fast", "n1", free: "20Gi"),
            _world.Storage("fast", "n2", free: "100Gi"),
            _world.Storage("fast", "n3", free: "5Gi")).Start();
        Assert.Equal([1, 9, 0, 0], _world.Scores(Pod("p", "a"), "n1", "n2", "n3", "n4"));

        _world.Filter(Pod("p", "a"), "n1", "n2");
        Assert.Equal([1, 9, 0, 0], _world.Scores(Pod("p", "a"), "n1", "n2", "n3", "n4"));
    }

    [Fact]
    public void Scores_OneOfTwoClaimsIsCountedAlready_ItIsNotCountedTwice()
    {
        _world.Put(StorageClass("fast"), Claim("a", "10Gi"), Claim("b", "20Gi")).Put(
            _world.Storage("fast", "n1", free: "100Gi"), _world.Storage("fast", "n2", free: "25Gi")).Start();
        Assert.Equal([7, 0], _world.Scores(Pod("p", "a", "b"), "n1", "n2"));

        _world.Filter(Pod("q", "a"), "n1", "n2");
        Assert.Equal([7, 0], _world.Scores(Pod("p", "a", "b"), "n1", "n2"));
    }

    [Fact]
    public void Scores_Pack_LikeTheFullestNode()
    {
        var world = new ExtenderWorld(new ExtenderOptions { Score = ScoreRule.Pack });
        world.Put(StorageClass("fast"), Claim("a", "10Gi")).Put(
            world.Storage("fast", "n1", free: "20Gi"), world.Storage("fast", "n2", free: "100Gi"), world.Storage("fast", "n3", free: "5Gi"))
            .Start();
        Assert.Equal([9, 1, 0], world.Scores(Pod("p", "a"), "n1", "n2", "n3"));
    }

    [Fact]
    public void Reasons_ForThousandsOfNodes_AreFew()
    {
        _world.Put(StorageClass("fast"), Claim("a", "100Gi"));
        var nodes = Enumerable.Range(0, 2000).Select(number => "n" + number).ToArray();
        foreach (var (node, index) in nodes.Select((node, index) => (node, index)))
        {
            _world.Put(_world.Storage("fast", node, free: $"{4 * (index + 1)}Mi"));
        }

        var reasons = _world.Start().Filter(Pod("p", "a"), nodes).Rejected.Select(rejected => rejected.Reason).Distinct().ToArray();
        Assert.InRange(reasons.Length, 2, 40);
        Assert.Contains("not enough space: 100Gi needed for class fast, less than 4Gi available", reasons);
    }

    // Of class fast: n1 has 4Gi free, n2 20Gi, n3 has failed; n4 is not known.
    private ExtenderWorld Cluster() => _world.Put(
        StorageClass("fast"),
        _world.Storage("fast", "n1", free: "4Gi"),
        _world.Storage("fast", "n2", free: "20Gi"),
        _world.Storage("fast", "n3", free: "20Gi", phase: "Failed"));

    [Fact]
    public void Report_InTheFirstListOrLater_IsHeldWithoutWhatItWasReadFrom()
    {
        var world = new ExtenderWorld();
        world.Put(StorageClass("fast"), world.Storage("fast", "n1", free: "10Gi"), Claim("c", "5Gi")).Start();
        world.Put(world.Storage("fast", "n2", free: "10Gi"));
        var copies = world.Agent.Copies.Single(copy => copy.Type == ResourceTypes.NodeLocalStorages).Objects.Values;
        Assert.Equal(["fast.n1", "fast.n2"], copies.Select(copy => copy.Name));
        Assert.All(copies, copy => Assert.Equal(["metadata"], copy.Tree.Keys));
        Assert.All(copies, copy => Assert.Equal(["name", "resourceVersion", "uid"], copy.Metadata.Keys));
        Assert.Equal(["n1", "n2"], world.Passed(Pod("p", "c"), "n1", "n2"));
        world.Put(world.Storage("fast", "n1", free: "10Gi", scan: 2).WithAt(
            ["metadata", "deletionTimestamp"], world.Now.ToRfc3339()));
        Assert.Equal(["n2"], world.Passed(Pod("p", "c"), "n1", "n2"));
    }
}
