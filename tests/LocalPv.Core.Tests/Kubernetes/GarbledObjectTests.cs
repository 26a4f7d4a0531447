using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;
using Microsoft.FSharp.Core;

namespace LocalPv.Core.Tests.Kubernetes;

/// <summary>
/// Objects that no schema let through: classes, reports, claims, volumes and nodes with wrong values anywhere. They are refused by name or
/// understood; nothing throws, nothing spins, and nothing takes memory without bound.
/// </summary>
public sealed class GarbledObjectTests
{
    private const int MessageMost = 20_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Weather Calm = new("calm", _ => null);

    private static readonly JsonMap Class = TestObjects.Class(
        "fast",
        """
        {"nodes":[{"name":"node-a","disks":["/dev/sdb","/dev/disk/by-id/x"]}],"nodeSelector":{"disk":"nvme"},
         "disks":{"match":["/dev/disk/by-id/nvme-*"],"minSize":"100Gi","maxSize":"2Ti","rotational":false},
         "volumeGroup":{"name":"fast","extentSize":"4Mi"},"layout":{"type":"striped","stripes":2,"stripeSize":"64Ki"},
         "reserve":"10Gi","wipe":"zero"}
        """);

    private static readonly JsonMap Claim = Parse(
        """
        {"metadata":{"name":"data","namespace":"default","uid":"7ef1fd0e-d154-4fcd-9f84-10633ef306ac","resourceVersion":"7",
          "annotations":{"volume.kubernetes.io/selected-node":"node-a",
            "localpv.io/failed-on":"[{\"node\":\"n1\",\"reason\":\"NoSpace\",\"time\":\"2026-01-01T00:00:00Z\",\"count\":2}]"}},
         "spec":{"storageClassName":"fast","accessModes":["ReadWriteOnce"],"volumeMode":"Filesystem","volumeName":"",
          "selector":{"matchLabels":{"a":"b"}},"dataSource":{"kind":"VolumeSnapshot","name":"x"},
          "resources":{"requests":{"storage":"1Gi"},"limits":{"storage":"2Gi"}}},
         "status":{"phase":"Bound","capacity":{"storage":"1Gi"},"allocatedResources":{"storage":"2Gi"},
          "conditions":[{"type":"Resizing","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
        """);

    [Fact]
    public void Class_Garbled_IsReadOrEveryErrorIsNamed() => Many(700, random =>
    {
        var storageClass = new StorageClass(Garbled.Of(Class, random));
        if (!StorageParameters.TryRead(storageClass, out _, out var errors))
        {
            Assert.NotEmpty(errors);
            Assert.All(errors, error => Assert.InRange(error.Length, 5, MessageMost));
        }
    });

    [Fact]
    public void Storage_Garbled_IsReadOrEveryErrorIsNamed()
    {
        var whole = Report();
        Many(700, random =>
        {
            var storage = new NodeLocalStorage(Garbled.Of(whole, random));
            if (!storage.Wish.IsDone)
            {
                Assert.InRange(storage.Wish.Message.Length, 5, MessageMost);
            }

            Assert.True(storage.Report.Volumes.Length >= 0 && storage.Phase.Length >= 0);
            Assert.NotNull(storage.Report.ToTree());
        });
    }

    [Fact]
    public void Claim_Garbled_IsReadOrSaysWhatIsWrong() => Many(700, random =>
    {
        var claim = new PersistentVolumeClaim(Garbled.Of(Claim, random));
        Assert.InRange(ClaimWish.Read(claim).Error.Length, 0, MessageMost);
        var failed = FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation));
        Assert.InRange(failed.With(NodeName.Parse("node-a"), "NoSpace", "m", Instant.Epoch).ToString().Length, 2, MessageMost);
        Assert.NotNull(KeptFields.Of(claim));
    });

    [Theory]
    [InlineData("agent", 12)]
    [InlineData("controller", 25)]
    [InlineData("extender", 25)]
    public void Agent_AmongGarbledObjects_GoesOnAndKeepsWithinBounds(string kind, int cases) => Many(cases, random =>
    {
        var world = World();
        IAgent agent = kind switch
        {
            "agent" => new NodeAgent(world.Options),
            "controller" => new ClusterAgent(new ClusterAgentOptions { Identity = "c" }),
            _ => new ExtenderAgent(new ExtenderOptions()),
        };
        var share = random.Next(1, 4);
        var storm = new Storm(agent, world.Server, world.Lvm, Calm, item => random.Next(share) > 0
            ? item
            : KubernetesObject.Read(item.Type, Garbled.Of(item.Tree, random)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        storm.Run(Minute * 3, 1500);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    });

    [Fact]
    public void Agent_WithOneGarbledObjectOfEachKind_ServesTheOthers() => Many(12, random =>
    {
        var world = World();
        world.AddClaim("good", "1Gi");
        var storm = new Storm(new NodeAgent(world.Options), world.Server, world.Lvm, Calm, item =>
            item.Name is "served" or "slow" && item.Type != ResourceTypes.NodeLocalStorages
                ? KubernetesObject.Read(item.Type, Garbled.Of(item.Tree, random).WithAt(["metadata", "name"], item.Name)
                    .WithAt(["metadata", "uid"], item.Uid))
                : item);

        storm.Run(Minute, 1500);

        Assert.Contains(world.Volumes, volume => volume.ClaimKey?.Name == "good");
    });

    // The same cases in every run: what they find is found by whoever brings it in.
    private static FSharpOption<Replay> Start { get; } =
        FSharpOption<Replay>.Some(new Replay(new Rnd(20261122, 20161123), FSharpOption<int>.None));

    private static void Many(int cases, Action<Random> check) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Start),
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => check(new Random(seed))));

    private static TestWorld World()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class("slow", """{"nodes":[{"name":"node-a","disks":["/dev/sdz"]}]}"""));
        world.Settle(Minute);
        world.AddClaim("bound", "1Gi");
        world.Settle(Minute);
        world.AddClaim("served", "1Gi");
        world.AddClaim("lost", "1Gi", "gone");
        return world;
    }

    private static JsonMap Report()
    {
        var world = World();
        return world.Storage!.Tree;
    }

    private static JsonMap Parse(string text) => (JsonMap)JsonTree.Parse(text);
}
