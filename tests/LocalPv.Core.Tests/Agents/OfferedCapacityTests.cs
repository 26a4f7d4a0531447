using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>What a scheduler is told that asks no extender: how large a claim may be that it sends to the node.</summary>
public sealed class OfferedCapacityTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Offer_OfAMirroredClass_IsWhatAMirroredVolumeCanHave()
    {
        var world = new TestWorld();
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            TestWorld.ClassName, """{"nodes":[{"name":"node-a","disks":["/dev/sdb","/dev/sdc"]}],"layout":{"type":"raid1"}}"""));
        world.Lvm.AddDisk("/dev/sdc", Bytes.FromGibibytes(4));

        world.Settle(Moment);

        var extents = (Bytes.FromGibibytes(4).Value / Bytes.FromMebibytes(4).Value) - 1;
        Assert.Equal((extents - 1) * Bytes.FromMebibytes(4).Value, Largest(world).Value);
        Assert.True(Read(world, "capacity") > Bytes.FromGibibytes(13));
    }

    [Fact]
    public void Offer_AfterAClaimWasGivenBack_IsLessThanItUntilItsNodeIsTriedAgain()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        var full = Largest(world);
        var offers = new List<Bytes>();
        world.Server.Committed += change =>
        {
            if (change.Object.Type == ResourceTypes.CsiStorageCapacities)
            {
                offers.Add(Largest(world));
            }
        };
        world.Lvm.IsMetadataFull = true;
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Null(world.Claim("data")!.SelectedNode);
        Assert.Equal([Bytes.FromGibibytes(1).SubtractToZero(Bytes.FromMebibytes(4)), full], offers);
        Assert.Equal(full, Read(world, "capacity"));
    }

    [Fact]
    public void Offer_ThatAnotherAgentOfTheNodeHasLimited_IsLeftForAWhile()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        var full = Largest(world);
        world.Patch(
            Assert.Single(world.Server.Snapshot(ResourceTypes.CsiStorageCapacities)), JsonMap.Of(("maximumVolumeSize", "1Gi")));

        world.Settle(TimeSpan.FromMinutes(4));
        Assert.Equal(Bytes.FromGibibytes(1), Largest(world));
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Equal(full, Largest(world));
    }

    [Fact]
    public void Sizes_SeveralFailed_TheLeastHoldsUntilItsEnd()
    {
        var sizes = new FailedSizes();
        sizes.Add(new Bytes(10), At(5));
        sizes.Add(new Bytes(20), At(9));
        sizes.Add(new Bytes(30), At(7));
        sizes.Add(new Bytes(10), At(4));

        Assert.Equal((10, At(5)), (sizes.Least(At(4))!.Value.Value, sizes.Deadline));
        Assert.Equal((20, At(9)), (sizes.Least(At(5))!.Value.Value, sizes.Deadline));
        Assert.Null(sizes.Least(At(9)));
        Assert.Equal(Instant.Never, sizes.Deadline);
    }

    [Fact]
    public void Sizes_VeryMany_AreBounded()
    {
        var sizes = new FailedSizes();
        for (var i = 1; i <= 1000; i++)
        {
            sizes.Add(new Bytes(i), At(i));
        }

        Assert.Equal(969, sizes.Least(At(0))!.Value.Value);
    }

    private static Instant At(int seconds) => Instant.Epoch + TimeSpan.FromSeconds(seconds);

    private static Bytes Largest(TestWorld world) => Read(world, "maximumVolumeSize");

    private static Bytes Read(TestWorld world, string field) => Quantity.TryParse(
        Assert.Single(world.Server.Snapshot(ResourceTypes.CsiStorageCapacities)).Tree.Text(field), out var size, out var error)
        ? size
        : throw new InvalidOperationException(error);
}
