using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.NodeDisks;

public sealed class StorageParametersTests
{
    private const string Full = """
        { "nodes": [ { "name": "node-1", "disks": ["/dev/disk/by-id/nvme-A", "/dev/sdb"] } ],
          "nodeSelector": { "disk": "nvme" },
          "disks": { "match": ["/dev/disk/by-id/nvme-*"], "minSize": "100Gi", "rotational": false },
          "volumeGroup": { "name": "fast", "extentSize": "8Mi" },
          "layout": { "type": "striped", "stripes": 3 },
          "reserve": "10Gi",
          "wipe": "discard" }
        """;

    // As the guide to migration has it.
    [Fact]
    public void TryRead_OfAClassThatAdoptsAGroup_NeedsNoDisks()
    {
        var read = Read("""{ "nodeSelector": {}, "volumeGroup": { "name": "myvg1", "adopt": true } }""");
        Assert.Equal(new VolumeGroupWish(VolumeGroupName.Parse("myvg1"), ExtentSize.Default, Adopt: true), read.VolumeGroup);
        Assert.True(read.Disks.Match.IsEmpty);
    }

    [Fact]
    public void TryRead_OfTheWholeDocument_TakesEveryKey()
    {
        var read = Read(Full);
        Assert.Equal(["/dev/disk/by-id/nvme-A", "/dev/sdb"], Assert.Single(read.Nodes).Disks.Select(path => path.Value));
        Assert.Equal("nvme", read.NodeSelector!["disk"]);
        Assert.Equal("/dev/disk/by-id/nvme-*", Assert.Single(read.Disks.Match).Text);
        Assert.Equal(Bytes.FromGibibytes(100), read.Disks.MinSize);
        Assert.False(read.Disks.Rotational);
        Assert.Equal(new VolumeGroupWish(VolumeGroupName.Parse("fast"), ExtentSize.From(Bytes.FromMebibytes(8))), read.VolumeGroup);
        Assert.Equal(new Layout(LayoutType.Striped, Stripes: 3), read.Layout);
        Assert.Equal(Bytes.FromGibibytes(10), read.Reserve);
        Assert.Equal(WipePolicy.Discard, read.Wipe);
    }

    [Fact]
    public void TryRead_OfTheSmallestDocument_HasTheDefaults()
    {
        var read = Read("""{"nodes":[{"name":"node-1","disks":["/dev/sdb"]}]}""");
        Assert.Equal(new VolumeGroupWish(VolumeGroupName.Parse("localpv-fast"), ExtentSize.Default), read.VolumeGroup);
        Assert.Equal(Layout.Linear, read.Layout);
        Assert.Equal(Bytes.Zero, read.Reserve);
        Assert.Equal(WipePolicy.Zero, read.Wipe);
    }

    [Theory]
    [InlineData("""{"disks":{"match":["/dev/sd*"]},"nodeSelector":{},"colour":"red"}""", "colour: is an unknown key")]
    [InlineData("""{"nodes":[{"name":"a","disks":["/dev/sdb"],"disk":[]}]}""", "nodes[0].disk: is an unknown key")]
    [InlineData("""{"nodes":[{"name":"a","disks":["sdb"]}]}""", "nodes[0].disks[0]: 'sdb' is not a path of a device")]
    [InlineData("""{"nodes":[{"name":"a","disks":["/dev/../etc"]}]}""", "nodes[0].disks[0]: '/dev/../etc' is not a path")]
    [InlineData("""{"nodes":[{"name":"a","disks":["/dev/sdb","/dev/sdb"]}]}""", "nodes[0].disks[1]: '/dev/sdb' is named twice")]
    [InlineData("""{"nodes":[{"name":"a","disks":["/dev/sdb"]},{"name":"a","disks":["/dev/sdc"]}]}""", "nodes[1].name: 'a' is named twice")]
    [InlineData("""{"nodes":[{"name":"A_","disks":["/dev/sdb"]}]}""", "nodes[0].name: 'A_' is not a name of a Node")]
    [InlineData("""{"nodes":[{"disks":["/dev/sdb"]}]}""", "nodes[0].name: is missing")]
    [InlineData("""{"nodes":["a"]}""", "nodes[0]: must be an object, but is \"a\"")]
    [InlineData("""{"nodes":{}}""", "nodes: must be a list")]
    [InlineData("""{}""", "nodes: is missing")]
    [InlineData("""{"nodes":[{"name":"a"}]}""", "disks: is missing: an entry of nodes names no disks")]
    [InlineData("""{"nodeSelector":{"a":"b"}}""", "disks: is missing: nodeSelector chooses nodes")]
    [InlineData("""{"nodeSelector":{"a":1},"disks":{"minSize":"1Gi"}}""", "nodeSelector.a: must be a text, but is 1")]
    [InlineData("""{"nodes":[{"name":"a","disks":["/dev/sdb"]}],"disks":{"minSize":"1Gi"}}""", "disks: holds for no node")]
    [InlineData("""{"nodeSelector":{},"disks":{}}""", "disks.match: is missing")]
    [InlineData("""{"nodeSelector":{},"disks":{"match":[]}}""", "disks.match: chooses no disk")]
    [InlineData("""{"nodeSelector":{},"disks":{"match":["nvme*"]}}""", "disks.match[0]: 'nvme*' is not a pattern")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"big"}}""", "disks.minSize: 'big' is not a quantity")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":true}}""", "disks.minSize: must be a quantity")]
    [InlineData("""{"nodeSelector":{},"disks":{"rotational":"no"}}""", "disks.rotational: must be true or false")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"volumeGroup":{"name":"-x"}}""", "volumeGroup.name: '-x' is not a name")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"volumeGroup":{"name":"a b"}}""", "volumeGroup.name: 'a b' is not a name")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"volumeGroup":{"extentSize":"3Mi"}}""", "volumeGroup.extentSize: 3Mi is not")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"volumeGroup":{"adopt":"yes"}}""", "adopt: must be true or false")]
    [InlineData("""{"nodeSelector":{},"volumeGroup":{"name":"myvg1","adopt":false}}""", "disks: is missing")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"layout":{"type":"raid6"}}""", "layout.type: 'raid6' is not a layout")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"layout":{"stripes":2}}""", "layout.stripes: belongs to the layout striped")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"layout":{"type":"striped","stripes":1}}""", "stripes: 1 is not from 2")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"layout":{"type":"thin","overprovisionPercent":99}}""", "99 is not from 100")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"reserve":"-1Gi"}""", "reserve: '-1Gi' is negative")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"reserve":"9Ei"}""", "reserve: '9Ei' is too large")]
    [InlineData("""{"nodeSelector":{},"disks":{"minSize":"1"},"wipe":"no"}""", "wipe: 'no' is not a way to wipe")]
    [InlineData("""[]""", "parameters.localpv.io/storage: must be a JSON object")]
    [InlineData("""{"nodes":""", "parameters.localpv.io/storage: is not JSON")]
    [InlineData("""{"wipe":"zero","wipe":"zero"}""", "appears twice")]
    public void TryRead_OfABadDocument_NamesTheKey(string document, string error)
    {
        Assert.False(StorageParameters.TryRead(Class(document), out _, out var errors));
        Assert.Contains(errors, found => found.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void TryRead_OfSeveralErrors_TellsThemAll()
    {
        var bad = Class("""{"nodes":[{"name":"a","disks":["x"]}],"reserve":"y","wipe":"z","layout":{"type":"q"},"k":1}""", "Immediate");
        Assert.False(StorageParameters.TryRead(bad, out _, out var errors));
        Assert.Equal(
            ["volumeBindingMode", "nodes[0].disks[0]", "layout.type", "reserve", "wipe", "k"],
            errors.Where(error => !error.StartsWith("disks:", StringComparison.Ordinal)).Select(error => error.Split(": ")[0]));
    }

    [Fact]
    public void TryRead_OfImmediateBinding_IsRefusedWithTheRemedy()
    {
        Assert.False(StorageParameters.TryRead(Class(Full, "Immediate"), out _, out var errors));
        Assert.Contains("WaitForFirstConsumer", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_WithoutTheParameter_SaysWhichOne()
    {
        var bare = new StorageClass(Class("{}").Tree.With("parameters", JsonMap.Empty));
        Assert.False(StorageParameters.TryRead(bare, out _, out var errors));
        Assert.StartsWith("parameters.localpv.io/storage: is missing", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_OfAnotherParameter_NamesIt()
    {
        var odd = new StorageClass(Class(Full).Tree.WithAt(["parameters", "type"], "gp2"));
        Assert.False(StorageParameters.TryRead(odd, out _, out var errors));
        Assert.StartsWith("parameters.type: is an unknown key", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-1", "", true, 2, 0)]
    [InlineData("node-1", "nvme", true, 2, 1)]
    [InlineData("node-2", "nvme", true, 0, 1)]
    [InlineData("node-2", "hdd", false, 0, 0)]
    public void AppliesTo_ANode_ThatIsNamedOrChosen(string name, string label, bool applies, int paths, int patterns)
    {
        var read = Read(Full);
        var node = Node(name, label);
        Assert.Equal(applies, read.AppliesTo(node));
        Assert.Equal((paths, patterns), (read.DisksOn(node).Paths.Length, read.DisksOn(node).Match.Length));
    }

    [Fact]
    public void DisksOn_ANodeNamedWithoutDisks_AreTheRules()
    {
        var read = Read("""{"nodes":[{"name":"node-1"}],"disks":{"minSize":"1Gi"}}""");
        Assert.Equal(["/dev/*"], read.DisksOn(Node("node-1", "")).Match.Select(pattern => pattern.Text));
        Assert.False(read.AppliesTo(Node("node-2", "")));
    }

    [Fact]
    public void AppliesTo_EveryNode_WithAnEmptySelector() =>
        Assert.True(Read("""{"nodeSelector":{},"disks":{"match":["/dev/sd*"]}}""").AppliesTo(Node("any", "")));

    [Fact]
    public void VolumeGroup_OfALongClassName_IsShortenedWithoutAmbiguity()
    {
        var names = ImmutableArray.Create(new string('a', 250) + "b", new string('a', 250) + "c")
            .Select(name => VolumeGroupWish.DefaultName(StorageClassName.Parse(name)).Value).ToArray();
        Assert.NotEqual(names[0], names[1]);
        Assert.All(names, name => Assert.InRange(name.Length + name.Count(c => c == '-'), 1, 71));
    }

    private static StorageParameters Read(string document)
    {
        Assert.True(StorageParameters.TryRead(Class(document), out var read, out var errors), string.Join("\n", errors));
        return read;
    }

    private static StorageClass Class(string document, string mode = "WaitForFirstConsumer") => new(JsonMap.Of(
        ("metadata", JsonMap.Of(("name", "fast"))),
        ("provisioner", WellKnown.DefaultProvisioner),
        ("volumeBindingMode", mode),
        ("parameters", JsonMap.Of((WellKnown.StorageParameter, document)))));

    private static Node Node(string name, string label) => new(JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("labels", label.Length == 0 ? null : JsonMap.Of(("disk", label)))))));
}
