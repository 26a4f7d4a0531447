using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.NodeDisks;

/// <summary>The custom resource definition and the code that reads and writes the objects say the same.</summary>
public sealed class NodeLocalStorageSchemaTests
{
    private static readonly JsonMap Definition = StructuralSchema.ReadYaml("deploy/crds/localpv.io_nodelocalstorages.yaml");

    private static readonly JsonMap Version = Assert.Single(((JsonList)Definition.At("spec", "versions")!).Maps());

    private static readonly StructuralSchema Schema = new((JsonMap)Version.At("schema", "openAPIV3Schema")!);

    [Fact]
    public void Definition_IsOfTheTypeThatTheAgentsUse()
    {
        var type = ResourceTypes.NodeLocalStorages;
        var spec = Definition.Map("spec")!;
        Assert.Equal(type.GroupResource, Definition.Map("metadata")!.Text("name"));
        Assert.Equal((type.Group, "Cluster"), (spec.Text("group"), spec.Text("scope")));
        Assert.Equal((type.Kind, type.Plural), (spec.Map("names")!.Text("kind"), spec.Map("names")!.Text("plural")));
        Assert.Equal(["nls"], spec.Map("names")!.List("shortNames")!.Texts());
        Assert.Equal(type.Version, Version.Text("name"));
        Assert.NotNull(Version.At("subresources", "status"));
        Assert.Equal(
            ["Class", "Node", "VG", "Capacity", "Free", "Phase", "Age"],
            Version.List("additionalPrinterColumns")!.Maps().Select(column => column.Text("name")!));
    }

    [Fact]
    public void Spec_OfAnyContent_IsValid() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(NodeLocalStorageGen.Specs.ToArbitrary(), spec => Valid(spec.ToTree(), NodeLocalStorageStatusOf(null))));

    [Fact]
    public void Status_OfAnyContent_IsValid() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(NodeLocalStorageGen.Statuses.ToArbitrary(), status => Valid(AnySpec, NodeLocalStorageStatusOf(status))));

    [Fact]
    public void Schema_HasNoFieldThatTheCodeDoesNotWrite()
    {
        var written = new SortedSet<string>(StringComparer.Ordinal);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(NodeLocalStorageGen.Specs.ToArbitrary(), NodeLocalStorageGen.Statuses.ToArbitrary(), (spec, status) =>
                written.UnionWith(StructuralSchema.PathsOf(Object(spec.ToTree(), status.ToTree())))));
        var ours = Schema.Paths().Where(path => path is not ("apiVersion" or "kind" or "metadata"));
        Assert.Equal(ours.Order(StringComparer.Ordinal), written);
    }

    [Theory]
    [InlineData("""{"nodeName":"n","volumeGroup":{"name":"fast"}}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"-fast"}}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"reserve":"-1Gi"}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"reserve":"1GB"}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"wipe":"no"}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"layout":{"type":"raid6"}}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"layout":{"type":"striped","stripes":1}}""")]
    [InlineData("""{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast"},"disks":{"paths":["sdb"]}}""")]
    public void Schema_RefusesWhatTheCodeRefuses(string spec)
    {
        var tree = (JsonMap)JsonTree.Parse(spec);
        Assert.NotEmpty(Schema.Errors(JsonMap.Of(("spec", tree))));
        Assert.False(NodeLocalStorageSpec.Read(tree).IsDone && spec.Contains("storageClassName", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1L, false)]
    [InlineData(0L, true)]
    [InlineData(NodeLocalStorageStatus.ScanSequenceMax, true)]
    [InlineData(NodeLocalStorageStatus.ScanSequenceMax + 1, false)]
    [InlineData(long.MaxValue, false)]
    public void Schema_KnowsTheNumbersOfScansThatTheCodeReads(long scan, bool readable)
    {
        var status = (new NodeLocalStorageStatus { Free = new Core.Units.Bytes(7) }).ToTree().With("scanSequence", JsonNumber.From(scan));
        Assert.Equal(readable, Schema.Errors(Object(AnySpec, status)).Count == 0);
        Assert.Equal(readable ? 7 : 0, NodeLocalStorageStatus.Read(status).Free.Value);
    }

    private static JsonMap AnySpec => JsonMap.Of(
        ("storageClassName", "c"), ("nodeName", "n"), ("volumeGroup", JsonMap.Of(("name", "fast"))));

    private static JsonMap NodeLocalStorageStatusOf(NodeLocalStorageStatus? status) => status?.ToTree() ?? JsonMap.Empty;

    private static JsonMap Object(JsonMap spec, JsonMap status) => JsonMap.Of(("spec", spec), ("status", status));

    private static bool Valid(JsonMap spec, JsonMap status)
    {
        var errors = Schema.Errors(Object(spec, status));
        Assert.True(errors.Count == 0, string.Join("\n", errors));
        return true;
    }
}
