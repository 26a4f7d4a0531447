using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using Xunit;

namespace LocalPv.Contracts.NodeStorage;

/// <summary>The contract of the requests about logical volumes, as far as it can be seen in LVM's metadata.</summary>
public abstract class NodeStorageVolumeContract : NodeStorageContract
{
    private static readonly Layout Striped = new(LayoutType.Striped, Stripes: 2);

    [Fact]
    public void CreateLogicalVolume_AnswersWithTheVolumeAndItsTags()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        var volume = CreateVolume(bench, A, 3);
        Assert.Equal((NameOf(A), 3, Bytes.FromMebibytes(3)), (volume.Name, volume.Extents.Value, volume.Size));
        Assert.Equal(TagsOf(A).Order(), volume.Tags.Order());
        Assert.Equal(volume.Uuid, Seen(bench, A)!.Uuid);
    }

    [Fact]
    public void CreateLogicalVolume_OfATakenName_IsAlreadyExistsWhoeversItIs()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 1);
        FailsAndChangesNothing(bench, Creation(A, 1), OutcomeKind.AlreadyExists);
        bench.CreateForeignVolume(Fast, NameOf(B), new(1));
        FailsAndChangesNothing(bench, Creation(B, 1), OutcomeKind.AlreadyExists);
    }

    [Fact]
    public void CreateLogicalVolume_OfAllThatIsFree_Fits()
    {
        using var bench = NewBench(8, 5);
        CreateGroup(bench);
        CreateVolume(bench, A, 13);
        Assert.Equal(0, Free(bench));
    }

    [Fact]
    public void CreateLogicalVolume_OfOneExtentTooMany_IsNoSpaceAndLeavesNothing()
    {
        using var bench = NewBench(8, 5);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, Creation(A, 14), OutcomeKind.NoSpace);
    }

    [Fact]
    public void CreateLogicalVolume_OfNoExtent_IsRefused()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, Creation(A, 0), OutcomeKind.Refused);
    }

    [Fact]
    public void CreateLogicalVolume_InAGroupThatIsNotSeen_IsUnavailable()
    {
        using var bench = NewBench(8);
        FailsAndChangesNothing(bench, Creation(A, 1), OutcomeKind.Unavailable);
    }

    /// <summary>A group that has taken the name of another since somebody looked gets none of its volumes.</summary>
    [Fact]
    public void CreateLogicalVolume_InAnotherGroupOfThatName_IsUnavailable()
    {
        using var bench = NewBench(8);
        var group = CreateGroup(bench);
        FailsAndChangesNothing(bench, Creation(A, 3) with { GroupUuid = "another" }, OutcomeKind.Unavailable);
        Done<NodeStorageAnswer.Volume>(bench, Creation(A, 3) with { GroupUuid = group.Uuid });
    }

    [Fact]
    public void CreateLogicalVolume_Striped_RoundsUpToWholeStripes()
    {
        using var bench = NewBench(8, 8);
        CreateGroup(bench);
        var volume = CreateVolume(bench, A, 3, Striped);
        Assert.Equal((4, Striped), (volume.Extents.Value, volume.Layout));
        Assert.Equal(12, Free(bench));
    }

    [Fact]
    public void CreateLogicalVolume_StripedOverTooFewDisks_IsNoSpace()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, Creation(A, 2, Striped), OutcomeKind.NoSpace);
    }

    [Fact]
    public void CreateLogicalVolume_OfAnySizesAndLayouts_FitsExactlyWhereTheArithmeticSaysSo() =>
        Check.One(Tries.Of(SequencesToTry), Prop.ForAll(Sequences.ToArbitrary(), sequence =>
        {
            using var bench = NewBench(sequence.Disks);
            CreateGroup(bench);
            for (var i = 0; i < sequence.Volumes.Length; i++)
            {
                var (layout, extents) = sequence.Volumes[i];
                var before = Scan(bench).Group(Fast)!;
                var cost = LayoutCost.ExtentsNeeded(layout, Extent, Extent.SizeOf(new(extents)));
                var free = before.PhysicalVolumes.Select(disk => disk.FreeExtents.Value).ToArray();
                var fits = LayoutAllocation.TryTake(layout, cost.Volume, Extent, free);
                var outcome = Run(bench, Creation(ClaimUid.Parse($"uid-{i}"), extents, layout));
                Assert.True((fits ? OutcomeKind.Done : OutcomeKind.NoSpace) == outcome.Kind, $"volume {i}: fits is {fits}, but {outcome}");
                Assert.Equal(before.FreeExtents.Value - (fits ? cost.Space.Value : 0), Free(bench));
            }
        }));

    [Fact]
    public void ExtendLogicalVolume_ToMore_GrowsIt()
    {
        using var bench = NewBench(8, 8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        Assert.Equal(11, Done<NodeStorageAnswer.Volume>(bench, Extension(A, 11)).LogicalVolume.Extents.Value);
        Assert.Equal(11, Seen(bench, A)!.Extents.Value);
        Assert.Equal(5, Free(bench));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void ExtendLogicalVolume_ToNoMore_IsDoneAndNeverShrinks(long extents)
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        Assert.Equal(3, Done<NodeStorageAnswer.Volume>(bench, Extension(A, extents)).LogicalVolume.Extents.Value);
        Assert.Equal(3, Seen(bench, A)!.Extents.Value);
    }

    [Fact]
    public void ExtendLogicalVolume_BeyondWhatIsFree_IsNoSpaceAndLeavesItAsItWas()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        FailsAndChangesNothing(bench, Extension(A, 9), OutcomeKind.NoSpace);
    }

    [Fact]
    public void ExtendLogicalVolume_OfAnotherClaim_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        FailsAndChangesNothing(
            bench, new NodeStorageRequest.ExtendLogicalVolume(Fast, NameOf(A), B, new(4)), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveLogicalVolume_OfItsClaim_GivesItsSpaceBack()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        Done<NodeStorageAnswer.Removed>(bench, Removal(A, A));
        Assert.Null(Seen(bench, A));
        Assert.Equal(8, Free(bench));
    }

    [Fact]
    public void RemoveLogicalVolume_OfAnotherClaim_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        FailsAndChangesNothing(bench, Removal(A, B), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveLogicalVolume_OfNobody_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        bench.CreateForeignVolume(Fast, NameOf(A), new(1));
        FailsAndChangesNothing(bench, Removal(A, A), OutcomeKind.Rejected);
    }

    [Fact]
    public void RemoveLogicalVolume_OnlyUnused_OfOneThatIsRetained_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        var retain = new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(A), A, LvmTag.Parse("localpv.io/retain"));
        Done<NodeStorageAnswer.Volume>(bench, retain);
        FailsAndChangesNothing(bench, Removal(A, A) with { OnlyUnused = true }, OutcomeKind.Rejected);
        Done<NodeStorageAnswer.Removed>(bench, Removal(A, A));
    }

    /// <summary>What is not in a group that has taken the name of another is not gone.</summary>
    [Fact]
    public void RemoveLogicalVolume_InAnotherGroupOfThatName_IsUnavailable()
    {
        using var bench = NewBench(8);
        var group = CreateGroup(bench);
        CreateVolume(bench, A, 3);
        FailsAndChangesNothing(bench, Removal(A, A) with { GroupUuid = "another" }, OutcomeKind.Unavailable);
        FailsAndChangesNothing(bench, Removal(B, B) with { GroupUuid = "another" }, OutcomeKind.Unavailable);
        Done<NodeStorageAnswer.Removed>(bench, Removal(A, A) with { GroupUuid = group.Uuid });
    }

    [Fact]
    public void RemoveLogicalVolume_ThatIsNotInAGroupThatIsSeen_IsNotFound()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        FailsAndChangesNothing(bench, Removal(A, A), OutcomeKind.NotFound);
    }

    [Fact]
    public void RemoveLogicalVolume_InAGroupThatIsNotSeen_IsUnavailable()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        bench.Unplug(bench.Disks[0]);
        FailsAndChangesNothing(bench, Removal(A, A), OutcomeKind.Unavailable);
    }

    [Fact]
    public void TagLogicalVolume_OfItsClaim_AddsTheTagOnce()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        var tag = LvmTag.Parse("localpv.io/test");
        for (var time = 0; time < 2; time++)
        {
            var request = new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(A), A, tag);
            var tagged = Done<NodeStorageAnswer.Volume>(bench, request).LogicalVolume;
            Assert.Equal(TagsOf(A).Add(tag).Order(), tagged.Tags.Order());
        }
    }

    [Fact]
    public void TagLogicalVolume_OfAnotherClaim_IsRejected()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        CreateVolume(bench, A, 3);
        FailsAndChangesNothing(
            bench, new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(A), B, Ours), OutcomeKind.Rejected);
    }

    [Fact]
    public void Volume_ThatIsNotThere_IsNotFoundByEveryRequest()
    {
        using var bench = NewBench(8);
        CreateGroup(bench);
        Assert.All(OnVolume(A), request => FailsAndChangesNothing(bench, request, OutcomeKind.NotFound));
    }

    [Fact]
    public void Group_ThatIsNotSeen_IsUnavailableToEveryRequestAboutAVolume()
    {
        using var bench = NewBench(8);
        Assert.All(OnVolume(A), request => FailsAndChangesNothing(bench, request, OutcomeKind.Unavailable));
    }

    [Fact]
    public async Task Requests_AtOnce_AreDoneOneAfterAnother()
    {
        using var bench = NewBench(20);
        CreateGroup(bench);
        var requests = Enumerable.Range(0, 4).Select(i => Creation(ClaimUid.Parse($"uid-{i}"), 6)).ToArray();
        var outcomes = await Task.WhenAll(
            requests.Select(request => Task.Run(() => bench.Storage.RunAsync(request, CancellationToken.None).AsTask())));
        Assert.Equal(3, outcomes.Count(outcome => outcome.IsDone));
        Assert.Equal(OutcomeKind.NoSpace, Assert.Single(outcomes, outcome => !outcome.IsDone).Kind);
        Assert.Equal(2, Free(bench));
    }

    /// <summary>How many random sequences of volumes to try; fewer where each command costs time.</summary>
    protected virtual int SequencesToTry => 100;

    private static NodeStorageRequest.ExtendLogicalVolume Extension(ClaimUid claim, long extents) =>
        new(Fast, NameOf(claim), claim, new ExtentCount(extents));

    private static NodeStorageRequest.RemoveLogicalVolume Removal(ClaimUid volume, ClaimUid claim) =>
        new(Fast, NameOf(volume), claim, WipePolicy.Signatures);

    private static NodeStorageRequest[] OnVolume(ClaimUid claim) =>
    [
        Extension(claim, 1),
        Removal(claim, claim),
        new NodeStorageRequest.TagLogicalVolume(Fast, NameOf(claim), claim, Ours),
        new NodeStorageRequest.ActivateLogicalVolume(Fast, NameOf(claim)),
    ];

    private static Gen<VolumeSequence> Sequences =>
        from disks in Gen.Choose(1, 3)
        from extents in Gen.Choose(4, 24).ArrayOf(disks)
        from count in Gen.Choose(1, 5)
        from volumes in VolumeGen.ArrayOf(count)
        select new VolumeSequence(extents, volumes);

    private static Gen<(Layout Layout, long Extents)> VolumeGen =>
        from layout in Gen.Elements(Layout.Linear, Striped, new Layout(LayoutType.Striped, Stripes: 3))
        from extents in Gen.Choose(1, 20)
        select (layout, (long)extents);

    public sealed record VolumeSequence(int[] Disks, (Layout Layout, long Extents)[] Volumes)
    {
        public override string ToString()
        {
            var volumes = Volumes.Select(volume => $"{volume.Extents} extents on {volume.Layout.Stripes}");
            return $"disks of {string.Join(", ", Disks)}; volumes of {string.Join(", ", volumes)}";
        }
    }
}
