using LocalPv.Core.Capacity;
using static LocalPv.Core.Tests.Capacity.LedgerFacts;

namespace LocalPv.Core.Tests.Capacity;

public sealed class CapacityLedgerTests
{
    private readonly CapacityLedger _ledger = new(new CapacityLedgerOptions());

    [Fact]
    public void Available_NothingReported_IsUnknown() => Assert.Null(_ledger.Available(1));

    [Fact]
    public void Available_ReportedAndReserved_IsFreeLessReserve()
    {
        _ledger.SetReport(Report(1, free: 100, reserve: 30));
        Assert.Equal(70, _ledger.Available(1));
    }

    [Fact]
    public void Promise_VolumeNotInReport_IsTakenOffUntilItIs()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        Assert.Equal(90, _ledger.Available(1));

        _ledger.SetReport(Report(1, free: 90, scan: 2, volumes: 1));
        Assert.Equal(90, _ledger.Available(1));
    }

    [Fact]
    public void Promise_ToldTwice_CountsOnce()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        Assert.Equal(90, _ledger.Available(1));
    }

    [Fact]
    public void Promise_KnownBeforeTheReport_Counts()
    {
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.SetReport(Report(1, free: 100));
        Assert.Equal(90, _ledger.Available(1));
    }

    [Fact]
    public void Promise_NodeCleared_Ends()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.SetClaim(At(0), Claim(1, 10));
        Assert.Equal(100, _ledger.Available(1));
    }

    [Fact]
    public void Promise_MovedToAnotherNode_CountsThereOnly()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetReport(Report(2, free: 100));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 2));
        Assert.Equal(100, _ledger.Available(1));
        Assert.Equal(90, _ledger.Available(2));
    }

    [Fact]
    public void Report_OfAnEarlierScan_IsPassedOver()
    {
        _ledger.SetReport(Report(1, free: 50, scan: 5));
        Assert.False(_ledger.SetReport(Report(1, free: 100, scan: 4)));
        Assert.Equal(50, _ledger.Available(1));
    }

    [Fact]
    public void Report_OfANewObject_CountsItsScansAnew()
    {
        _ledger.SetReport(Report(1, free: 50, scan: 5));
        Assert.True(_ledger.SetReport(Report(1, free: 100, scan: 1) with { ObjectUid = "another" }));
        Assert.Equal(100, _ledger.Available(1));
    }

    [Fact]
    public void Claim_Gone_IsTakenUntilAReportShowsItsVolume()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.RemoveClaim(At(0), Uid(1));
        Assert.Null(_ledger.Find(Uid(1)));
        Assert.Equal(90, _ledger.Available(1));

        _ledger.SetReport(Report(1, free: 90, scan: 2, volumes: 1));
        Assert.Equal(90, _ledger.Available(1));
        Assert.Equal(0, _ledger.ClaimCount);
    }

    [Fact]
    public void Claim_GoneAndNotInLaterReports_IsLetGoAfterAWhile()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.RemoveClaim(At(0), Uid(1));
        _ledger.SetReport(Report(1, free: 100, scan: 2));
        Assert.Equal(At(60), _ledger.Deadline);
        _ledger.Expire(At(59.9));
        Assert.Equal(90, _ledger.Available(1));
        _ledger.Expire(At(60));
        Assert.Equal(100, _ledger.Available(1));
        Assert.Equal(0, _ledger.ClaimCount);
    }

    /// <summary>The node may have made the volume, and be cut off from the API server since.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Claim_GoneAndNoReportSince_IsTakenUntilThereIsOneOrTheObjectGoes(bool reports)
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.RemoveClaim(At(0), Uid(1));
        _ledger.Expire(At(60));
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.Expire(At(1000));
        Assert.Equal(90, _ledger.Available(1));
        Assert.Equal(Units.Instant.Never, _ledger.Deadline);

        if (reports)
        {
            _ledger.SetReport(Report(1, free: 100, scan: 2));
            Assert.Equal(100, _ledger.Available(1));
        }
        else
        {
            _ledger.RemoveReport(Fast, Node(1));
        }

        Assert.Equal(0, _ledger.ClaimCount);
    }

    [Fact]
    public void Claim_BoundButNotInLaterScans_PromisesNothingAfterAWhile()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1, bound: true));
        _ledger.SetReport(Report(1, free: 100, scan: 3));
        Assert.Equal(90, _ledger.Available(1));
        _ledger.Expire(At(60));
        Assert.Equal(100, _ledger.Available(1));
        _ledger.SetClaim(At(61), Claim(1, 10, node: 1, bound: true));
        Assert.Equal(100, _ledger.Available(1));
        Assert.Equal(Units.Instant.Never, _ledger.Deadline);
    }

    /// <summary>
    /// A ledger that has just begun hears of claims and reports in any order: the first report may be older than the volume.
    /// </summary>
    [Fact]
    public void Claim_BoundAndHeardOfBeforeAnyReport_StaysPromisedUntilALaterScan()
    {
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1, bound: true));
        _ledger.SetReport(Report(1, free: 100, scan: 7));
        _ledger.Expire(At(60));
        Assert.Equal(90, _ledger.Available(1));
        _ledger.SetReport(Report(1, free: 100, scan: 9));
        _ledger.Expire(At(120));
        Assert.Equal(100, _ledger.Available(1));
    }

    [Fact]
    public void Claim_BoundAndChangedMeanwhile_WaitsForNoMoreScans()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1, bound: true));
        _ledger.SetReport(Report(1, free: 100, scan: 3));
        _ledger.SetClaim(At(59), Claim(1, 10, node: 1, bound: true));
        _ledger.Expire(At(60));
        Assert.Equal(100, _ledger.Available(1));
    }

    [Fact]
    public void Claim_BoundAndNoLaterScan_StaysPromised()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1, bound: true));
        _ledger.Expire(At(1000));
        Assert.Equal(90, _ledger.Available(1));
    }

    [Fact]
    public void SharedGroup_PromiseOfEitherClass_CountsForBoth()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetReport(Report(1, free: 100, storageClass: Slow));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        _ledger.SetClaim(At(0), Claim(2, 20, node: 1, storageClass: Slow));
        Assert.Equal(70, _ledger.Available(1));
        Assert.Equal(70, _ledger.Available(1, Slow));
    }

    [Fact]
    public void SharedGroup_ReportsOfDifferentScans_TakesTheLowerBound()
    {
        _ledger.SetReport(Report(1, free: 100, scan: 1, storageClass: Slow));
        _ledger.SetReport(Report(1, free: 40, scan: 2));
        Assert.Equal(40, _ledger.Available(1, Slow));
        Assert.Equal(40, _ledger.Available(1));
    }

    [Fact]
    public void TwoGroups_OnOneNode_AreCountedApart()
    {
        _ledger.SetReport(Report(1, free: 100));
        _ledger.SetReport(Report(1, free: 200, storageClass: Slow, group: "other"));
        _ledger.SetClaim(At(0), Claim(1, 10, node: 1));
        Assert.Equal(90, _ledger.Available(1));
        Assert.Equal(200, _ledger.Available(1, Slow));
    }

    [Fact]
    public void Offer_Unanswered_SpeaksAgainstEveryNodeItNames()
    {
        var claim = GiveThreeNodesAndOffer();
        Assert.Equal([90, 90, 100], Availables());

        _ledger.SetClaim(At(0), Claim(1, 10, node: 2));
        Assert.Equal([100, 90, 100], Availables());
        Assert.Equal(0, _ledger.OfferCount);
        Assert.Equal(_ledger.Nodes.Find(Node(2)), claim.PromisedTo);
    }

    [Fact]
    public void Offer_SamePodAsksAgain_IsReplaced()
    {
        var claim = GiveThreeNodesAndOffer();
        _ledger.Offer(At(1), "pod", claim, _ledger.Nodes(2, 3));
        Assert.Equal([100, 90, 90], Availables());
    }

    [Fact]
    public void Offer_AnotherPodWithTheSameClaim_StandsBesideAndCountsOnce()
    {
        var claim = GiveThreeNodesAndOffer();
        _ledger.Offer(At(1), "other", claim, _ledger.Nodes(2, 3));
        Assert.Equal([90, 90, 90], Availables());
    }

    [Fact]
    public void Offer_NotAnsweredInTime_Ends()
    {
        GiveThreeNodesAndOffer();
        Assert.Equal(At(15), _ledger.Deadline);
        _ledger.Expire(At(15));
        Assert.Equal([100, 100, 100], Availables());
        Assert.Equal(Units.Instant.Never, _ledger.Deadline);
    }

    [Fact]
    public void Offer_ClaimGone_EndsAtOnce()
    {
        GiveThreeNodesAndOffer();
        _ledger.RemoveClaim(At(1), Uid(1));
        Assert.Equal([100, 100, 100], Availables());
        Assert.Equal(0, _ledger.ClaimCount);
    }

    /// <summary>The report with the volume is heard of before the choice of the node: one volume takes no space twice.</summary>
    [Fact]
    public void Offer_ReportShowsTheVolume_TakesNothingThere()
    {
        var claim = GiveThreeNodesAndOffer();
        _ledger.SetReport(Report(1, free: 90, scan: 2, volumes: 1));
        Assert.Equal([90, 90, 100], Availables());
        _ledger.Offer(At(1), "pod", claim, _ledger.Nodes(1, 3));
        Assert.Equal([90, 100, 90], Availables());
        _ledger.SetReport(Report(1, free: 100, scan: 3));
        Assert.Equal([90, 100, 90], Availables());
        _ledger.Expire(At(20));
        Assert.Equal([100, 100, 100], Availables());
    }

    [Fact]
    public void Offer_ReportOfAnotherClassShowsTheVolume_TakesNothingThere()
    {
        _ledger.SetReport(Report(1, free: 100, storageClass: Slow));
        GiveThreeNodesAndOffer();
        _ledger.SetReport(Report(1, free: 90, scan: 2, storageClass: Slow, volumes: 1));
        Assert.Equal([90, 90, 100], Availables());
        _ledger.RemoveReport(Slow, Node(1));
        Assert.Equal([90, 90, 100], Availables());
        _ledger.Expire(At(20));
        Assert.Equal([100, 100, 100], Availables());
    }

    [Fact]
    public void Offer_GroupOfANodeReplaced_MovesWithTheClass()
    {
        GiveThreeNodesAndOffer();
        _ledger.SetReport(Report(1, free: 300, scan: 2, group: "other"));
        Assert.Equal([290, 90, 100], Availables());
        _ledger.RemoveReport(Fast, Node(1));
        Assert.Null(_ledger.Available(1));
        _ledger.SetReport(Report(1, free: 300, scan: 1));
        Assert.Equal([290, 90, 100], Availables());
    }

    [Fact]
    public void Demand_LargerThanAnyGroup_NeverOverflows()
    {
        _ledger.SetReport(Report(1, free: 100));
        for (var i = 0; i < 1000; i++)
        {
            _ledger.SetClaim(At(0), Claim(i, 1, node: 1) with { Size = Units.Bytes.MaxValue });
        }

        Assert.True(_ledger.Available(1) < 0);
    }

    private LedgerClaim GiveThreeNodesAndOffer()
    {
        for (var node = 1; node <= 3; node++)
        {
            _ledger.SetReport(Report(node, free: 100));
        }

        _ledger.SetClaim(At(0), Claim(1, 10));
        var claim = _ledger.Find(Uid(1))!;
        _ledger.Offer(At(0), "pod", claim, _ledger.Nodes(1, 2));
        return claim;
    }

    private long?[] Availables() => [_ledger.Available(1), _ledger.Available(2), _ledger.Available(3)];
}
