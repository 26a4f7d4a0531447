using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>Texts that somebody chose to do harm with: none gets into a command as anything but the name that it is.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Hostile =
    [
        "--force", "-f", "-", "--", "a b", "a\nb", "a\0b", "$(reboot)", "`id`", "; rm -rf /", "../../etc", "/dev/sda",
        "/dev/../etc/shadow",
        "/dev/sd a",
        "/dev/-x", "@tag", "a@b", "é", "", " ", ".", "..", "snapshot1", "pvmove0", "x_rimage_0", "x_tdata", "'", "\"", "\\", "*",
        "|cat", "a/b/c", "a:b", "/dev/disk/by-id/nvme-A B", "0", "1E", "-1Gi", "99999999999999999999Ei", "0.1", "1Ki1", "NaN",
    ];

    // The text of a spec with one hostile value in the place of "X".
    private static readonly string[] Places =
    [
        """{"storageClassName":"X","nodeName":"n","volumeGroup":{"name":"fast"}}""",
        """{"storageClassName":"c","nodeName":"X","volumeGroup":{"name":"fast"}}""",
        """{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"X"}}""",
        """{"storageClassName":"c","nodeName":"n","volumeGroup":{"name":"fast","extentSize":"X"}}""",
        """{"storageClassName":"c","nodeName":"n","disks":{"paths":["X"]}}""",
        """{"storageClassName":"c","nodeName":"n","disks":{"match":["X"]}}""",
        """{"storageClassName":"c","nodeName":"n","disks":{"wipeSignaturesOf":["X"]}}""",
        """{"storageClassName":"c","nodeName":"n","disks":{"minSize":"X"}}""",
        """{"storageClassName":"c","nodeName":"n","layout":{"type":"X"}}""",
        """{"storageClassName":"c","nodeName":"n","reserve":"X"}""",
        """{"storageClassName":"c","nodeName":"n","wipe":"X"}""",
        """{"storageClassName":"c","nodeName":"n","X":"y"}""",
    ];

    // The text of a StorageClass's parameter, in the same way.
    private static readonly string[] ClassPlaces =
    [
        """{"nodes":[{"name":"X","disks":["/dev/sdz"]}],"volumeGroup":{"name":"fast"}}""",
        """{"nodes":[{"name":"n","disks":["X"]}],"volumeGroup":{"name":"fast"}}""",
        """{"nodes":[{"name":"n","disks":["/dev/sdz","X"]}],"volumeGroup":{"name":"X","extentSize":"X"}}""",
        """{"nodeSelector":{"X":"X"},"disks":{"match":["X"]},"volumeGroup":{"name":"fast"}}""",
        """{"nodeSelector":{"disk":"fast"},"disks":{"match":["X"],"minSize":"X"},"volumeGroup":{"name":"X"}}""",
        """{"nodeSelector":{"disk":"fast"},"disks":{"match":["/dev/*"]},"volumeGroup":{"name":"X"}}""",
        """{"nodes":[{"name":"n","disks":["/dev/sdz"]}],"layout":{"type":"X"},"reserve":"X","wipe":"X"}""",
        """{"nodes":[{"name":"n","disks":["/dev/sdz"]}],"X":{"X":"X"}}""",
    ];

    public static TheoryData<string> AllPlaces => [.. Places];

    public static TheoryData<string> AllClassPlaces => [.. ClassPlaces];

    [Theory]
    [MemberData(nameof(AllPlaces))]
    public void Spec_WithAHostileText_IsAnErrorOrMakesHarmlessCommands(string place)
    {
        foreach (var text in Hostile)
        {
            var tree = (JsonMap)JsonTree.Parse(place.Replace("X", JsonEscaped(text), StringComparison.Ordinal));
            var read = NodeLocalStorageSpec.Read(tree);
            if (!read.TryGetValue(out var spec))
            {
                Assert.NotEqual("", read.Message);
                continue;
            }

            AssertHarmless(spec);
        }
    }

    [Theory]
    [MemberData(nameof(AllClassPlaces))]
    public void Class_WithAHostileText_IsAnErrorOrMakesHarmlessCommands(string place)
    {
        var node = new Node(JsonMap.Of(("metadata", JsonMap.Of(("name", "n"), ("labels", JsonMap.Of(("disk", "fast")))))));
        foreach (var text in Hostile)
        {
            var storageClass = new StorageClass(JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "c"))),
                ("provisioner", WellKnown.DefaultProvisioner),
                ("volumeBindingMode", "WaitForFirstConsumer"),
                ("parameters", JsonMap.Of(
                    (WellKnown.StorageParameter, place.Replace("X", JsonEscaped(text), StringComparison.Ordinal))))));
            if (!StorageParameters.TryRead(storageClass, out var parameters, out var errors))
            {
                Assert.NotEmpty(errors);
            }
            else if (parameters.AppliesTo(node))
            {
                AssertHarmless(NodeLocalStorageSpec.For(StorageClassName.Parse("c"), parameters, node));
            }
        }
    }

    [Fact]
    public void Name_OfAnyText_IsRefusedOrHarmless() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Texts.ToArbitrary(), text =>
        {
            var taken = new[]
            {
                VolumeGroupName.TryParse(text, out _), LogicalVolumeName.TryParse(text, out _), LvmTag.TryParse(text, out _),
                ClaimUid.TryParse(text, out _), DevicePath.TryParse(text, out _),
            };
            Assert.True(!taken.Contains(true) || IsHarmless(text), text);
            Assert.True(!DevicePath.TryParse(text, out _) || text.StartsWith("/dev/", StringComparison.Ordinal), text);
        }));

    private static Gen<string> Texts => Gen.OneOf(
        Gen.Elements(Hostile),
        Gen.Elements("-/.@ =:abcXYZ019_+!&#\0\n\t$`'\"*\\é".ToCharArray()).ArrayOf().Select(characters => new string(characters)));

    private static void AssertHarmless(NodeLocalStorageSpec spec)
    {
        var disk = new ObservedDisk(DevicePath.Parse("/dev/sdz"), spec.Disks.Paths, DiskId.Parse("serial:id"), Bytes.FromGibibytes(1));
        var plan = VolumeGroupPlanner.Plan(spec, new NodeScan([disk], []));
        if (plan.Request is { } request)
        {
            AssertHarmless(request);
        }
    }

    private static void AssertHarmless(NodeStorageRequest request)
    {
        var runner = new ScriptedRunner().Answer("fullreport", """{"report":[]}""");
        var files = new PaperFiles().WithDisk("sdz", "id");
        _ = new LvmNodeStorage(new LvmOptions(), runner, files).RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var words = runner.Commands.SelectMany(command => command.Split(' ')).ToArray();
        Assert.All(words.Where(word => word.StartsWith('-')), word => Assert.Matches("^--[a-z]+(-[a-z]+)*$|^-o$", word));
        Assert.DoesNotContain("--force", words);
    }

    private static bool IsHarmless(string text) =>
        text.Length > 0 && text[0] != '-' && text.All(character => character is > ' ' and <= '~');

    private static string JsonEscaped(string text) => System.Text.Json.JsonEncodedText.Encode(text).Value;
}
