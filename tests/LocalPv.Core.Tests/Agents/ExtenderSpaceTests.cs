using LocalPv.Core.Kubernetes.Json;
using static LocalPv.Core.Tests.Agents.ExtenderWorld;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Space that is spoken for without being taken, and space that is there but of no use.</summary>
public sealed class ExtenderSpaceTests
{
    private readonly ExtenderWorld _world = new();

    [Fact]
    public void Filter_VolumeIsToGrow_TheGrowthIsTakenOff()
    {
        _world.Put(
            StorageClass("fast"),
            _world.Storage("fast", "n1", free: "10Gi", volumes: "uid-db"),
            Claim("db", "5Gi", node: "n1", volume: "pvc-uid-db"),
            Claim("six", "6Gi"),
            Claim("seven", "7Gi")).Start();

        // The report shows a volume of 1Gi: four are still to come.
        Assert.Equal([], _world.Passed(Pod("p", "seven"), "n1"));
        Assert.Equal(["n1"], _world.Passed(Pod("q", "six"), "n1"));
    }

    [Fact]
    public void Filter_RequestGrowsAfterTheVolumeWasSettled_TheGrowthIsTakenOffUntilItIsReported()
    {
        _world.Put(
            StorageClass("fast"),
            _world.Storage("fast", "n1", free: "10Gi", volumes: "uid-db"),
            Claim("db", "1Gi", node: "n1", volume: "pvc-uid-db"),
            Claim("seven", "7Gi")).Start();
        _world.Now += TimeSpan.FromMinutes(3);
        _world.Put(_world.Storage("fast", "n1", free: "10Gi", scan: 9, volumes: "uid-db"));
        _world.Wake();
        _world.Now += TimeSpan.FromMinutes(3);
        _world.Wake();
        Assert.Equal(["n1"], _world.Passed(Pod("p", "seven"), "n1"));

        _world.Put(Claim("db", "5Gi", node: "n1", volume: "pvc-uid-db"));
        Assert.Equal([], _world.Passed(Pod("p", "seven"), "n1"));

        var grown = _world.Storage("fast", "n1", free: "8Gi", scan: 10, volumes: "uid-db");
        _world.Put(grown.WithAt(["status", "volumes"], JsonList.Of(JsonMap.Of(
            ("claimUid", "uid-db"), ("name", "pvc-uid-db"), ("size", "5Gi")))));
        Assert.Equal(["n1"], _world.Passed(Pod("p", "seven"), "n1"));
    }

    [Fact]
    public void Filter_GrowthThatCannotFit_HoldsNothingBack()
    {
        _world.Put(
            StorageClass("fast"),
            _world.Storage("fast", "n1", free: "10Gi", volumes: "uid-db"),
            Claim("db", "50Gi", node: "n1", volume: "pvc-uid-db"),
            Claim("ten", "10Gi")).Start();
        Assert.Equal(["n1"], _world.Passed(Pod("p", "ten"), "n1"));
    }

    [Theory]
    [InlineData("selector", "spec.selector: volumes are made for claims, not chosen by label. Remove it.")]
    [InlineData("dataSource", "spec.dataSource: volumes start empty; clones and snapshots are not supported. Remove it.")]
    [InlineData("dataSourceRef", "spec.dataSource: volumes start empty; clones and snapshots are not supported. Remove it.")]
    [InlineData(
        "volumeAttributesClassName",
        "spec.volumeAttributesClassName: gold is not known; volumes have no such attributes, and one would never be bound to the claim. "
            + "Remove it.")]
    public void Filter_ClaimThatTheProvisionerWillRefuse_FitsNowhereAndSaysWhy(string field, string reason)
    {
        _world.Put(
            StorageClass("fast"),
            _world.Storage("fast", "n1", free: "10Gi"),
            Claim("odd", "1Gi").WithAt(["spec", field], field.EndsWith("Name", StringComparison.Ordinal)
                ? new JsonText("gold")
                : JsonMap.Of(("name", "x")))).Start();
        var decision = _world.Filter(Pod("p", "odd"), "n1");
        Assert.Equal($"claim default/odd cannot be served: {reason}", Assert.Single(decision.Rejected).Reason);
    }

    [Fact]
    public void Filter_MirrorsButOneDiskIsFull_RejectsAndNamesTheLayout()
    {
        _world.Put(
            StorageClass("safe"),
            Disks(_world.Storage("safe", "full", free: "40Gi", layout: """{"type":"raid1","mirrors":1}"""), "38Gi", "2Gi"),
            Disks(_world.Storage("safe", "even", free: "40Gi", layout: """{"type":"raid1","mirrors":1}"""), "20Gi", "20Gi"),
            Disks(_world.Storage("safe", "unknown", free: "40Gi", layout: """{"type":"raid1","mirrors":1}"""), "1Gi"),
            Claim("a", "10Gi", "safe")).Start();
        var decision = _world.Filter(Pod("p", "a"), "full", "even", "unknown");
        Assert.Equal(["even", "unknown"], decision.Passed.ToArray());
        Assert.Equal(
            "not enough space: class safe needs 2 disks with room for the whole volume in volume group vg",
            Assert.Single(decision.Rejected).Reason);
    }

    [Fact]
    public void Filter_StripesPromisedToAnother_AreTakenFromTheirDisks()
    {
        _world.Put(
            StorageClass("wide"),
            Disks(_world.Storage("wide", "n1", free: "30Gi", layout: """{"type":"striped","stripes":2}"""), "10Gi", "10Gi", "10Gi"),
            Claim("first", "16Gi", "wide", node: "n1"),
            Claim("second", "12Gi", "wide"),
            Claim("third", "8Gi", "wide")).Start();

        // 2, 2 and 10 are left, 14 in sum: beside the third disk there are 4 for the other stripe, so that 8 can be made and 12 cannot.
        Assert.Equal([], _world.Passed(Pod("p", "second"), "n1"));
        Assert.Equal(["n1"], _world.Passed(Pod("q", "third"), "n1"));
    }

    private static JsonMap Disks(JsonMap storage, params string[] free) => storage.WithAt(
        ["status", "disks"],
        new JsonList([.. free.Select((amount, index) => (JsonTree)JsonMap.Of(
            ("path", $"/dev/sd{(char)('b' + index)}"), ("size", "40Gi"), ("free", amount), ("state", "InGroup")))]));
}
