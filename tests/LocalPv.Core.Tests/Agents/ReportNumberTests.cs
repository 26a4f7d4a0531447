using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.World;
using static LocalPv.Core.Tests.Agents.ExtenderWorld;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Reports whose number no scan can have, as a broken or foreign writer may leave them.</summary>
public sealed class ReportNumberTests
{
    public static TheoryData<long> Numbers => [-5, NodeLocalStorageStatus.ScanSequenceMax + 1, long.MaxValue - 1, long.MaxValue];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Agent_ImpossibleNumber_IsNobodysReportAndOverwritten(long number)
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        SetNumber(world, number);

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.InRange(world.Storage!.Status.Number("scanSequence") ?? 0, 1, 1000);
        Assert.Equal("Ready", world.Storage.Phase);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Agent_ImpossibleNumberFromBeforeItsLife_CountsAnew(long number)
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        SetNumber(world, number);
        world.Crash();

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.InRange(world.Storage!.Status.Number("scanSequence") ?? 0, 1, 1000);
    }

    [Fact]
    public void Agent_LastNumber_GoesOnWithIt()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        SetNumber(world, NodeLocalStorageStatus.ScanSequenceMax);
        world.Crash();
        world.Settle(TimeSpan.FromMinutes(10));
        world.AddClaim("data", "1Gi");

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Equal(NodeLocalStorageStatus.ScanSequenceMax, world.Storage!.ScanSequence);
        Assert.Equal("Bound", world.Claim("data")!.Phase);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Extender_ImpossibleNumber_OffersNothingUntilTheNextReport(long number)
    {
        var world = new ExtenderWorld();
        world.Put(
            StorageClass("fast"),
            world.Storage("fast", "n1", free: "10Gi", scan: number),
            Claim("db", "5Gi", node: "n1", volume: "pvc-uid-db"),
            Claim("six", "6Gi")).Start();
        Look(world);
        Assert.Equal([], world.Passed(Pod("p", "six"), "n1"));

        world.Put(world.Storage("fast", "n1", free: "10Gi", scan: 1, volumes: "uid-db"));
        Look(world);
        Assert.Equal(["n1"], world.Passed(Pod("p", "six"), "n1"));
    }

    [Fact]
    public void Extender_NumberBecomesImpossible_TheNodeMayCountAnew()
    {
        var world = new ExtenderWorld();
        world.Put(StorageClass("fast"), world.Storage("fast", "n1", free: "1Gi", scan: 50), Claim("six", "6Gi")).Start();
        world.Put(world.Storage("fast", "n1", free: "10Gi", scan: long.MaxValue));
        world.Put(world.Storage("fast", "n1", free: "10Gi", scan: 1));

        Assert.Equal(["n1"], world.Passed(Pod("p", "six"), "n1"));
    }

    [Fact]
    public void Extender_LastNumber_IsCountedFrom()
    {
        var world = new ExtenderWorld();
        world.Put(
            StorageClass("fast"),
            world.Storage("fast", "n1", free: "10Gi", scan: NodeLocalStorageStatus.ScanSequenceMax),
            Claim("db", "5Gi", node: "n1", volume: "pvc-uid-db"),
            Claim("six", "6Gi")).Start();
        Look(world);

        Assert.Equal([], world.Passed(Pod("p", "six"), "n1"));
    }

    // Twice the time after which an extender looks whether the promise of a bound claim is settled.
    private static void Look(ExtenderWorld world)
    {
        for (var look = 0; look < 2; look++)
        {
            world.Now += TimeSpan.FromMinutes(3);
            world.Wake();
        }
    }

    private static void SetNumber(TestWorld world, long number) => world.Patch(
        world.Storage!, JsonMap.Of(("status", JsonMap.Of(("scanSequence", JsonNumber.From(number))))), "status");
}
