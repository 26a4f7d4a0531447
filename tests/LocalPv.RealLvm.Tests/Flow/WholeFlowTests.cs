using LocalPv.Core.Kubernetes;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Flow;

/// <summary>One claim, all the way, on real LVM: what a user does and sees.</summary>
public sealed class WholeFlowTests
{
    private const string Class =
        """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: fast}
        provisioner: local-volume-provisioner
        volumeBindingMode: WaitForFirstConsumer
        reclaimPolicy: Delete
        parameters:
          localpv.io/storage: |
            {"nodeSelector": {}, "disks": {"match": ["/dev/ubd*"]}, "volumeGroup": {"name": "fast"},
             "layout": {"type": "striped", "stripes": 2}}
        """;

    private const string Claim =
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: fast
          resources: {requests: {storage: 64Mi}}
        """;

    private const string Pod =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: db}
        spec:
          containers: [{name: c, image: pause}]
          volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
        """;

    [Fact]
    public async Task Claim_WrittenRebootedReadAndDeleted_KeepsItsDataAndGivesItsSpaceBack()
    {
        await using var world = await FlowWorld.StartAsync();
        await world.ApplyAsync(Class);
        await world.UntilAsync("the node reports its group", at => Free(at) is not null and not "0");
        var free = Free(world);
        await world.ApplyAsync(Claim + "\n---\n" + Pod);
        await UntilRunsAsync(world);
        var volume = world.Find<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims, "data")!.VolumeName;
        var path = world.Find<PersistentVolume>(ResourceTypes.PersistentVolumes, volume)!.LocalPath!;
        Assert.Equal("Bound", ClaimPhase(world));
        Assert.Equal("ext4\n", await world.Node.Guest.ScriptAsync("findmnt --noheadings --output FSTYPE $1", Mounted(world, path)));
        await world.UntilAsync("the space is taken", at => Free(at) != free);
        await world.Node.Guest.ScriptAsync("echo 'kept across reboots' >$1/file; sync $1/file", Mounted(world, path));

        await world.RebootAsync();
        await world.DeleteAsync(ResourceTypes.Pods, "db");
        await world.UntilAsync("the Pod is gone", at => at.Find<Pod>(ResourceTypes.Pods, "db") is null);
        await world.ApplyAsync(Pod);
        await UntilRunsAsync(world);
        Assert.Equal(volume, world.Find<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims, "data")!.VolumeName);
        Assert.Equal("Bound", ClaimPhase(world));
        Assert.Equal("kept across reboots\n", await world.Node.Guest.RunAsync("cat", Mounted(world, path) + "/file"));

        await world.DeleteAsync(ResourceTypes.Pods, "db");
        await world.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "data");
        await world.UntilAsync("the volume is gone", at => at.Find<PersistentVolume>(ResourceTypes.PersistentVolumes, volume) is null);
        await world.UntilAsync("the space is back", at => Free(at) == free);
        Assert.Equal("", (await world.Node.Guest.RunAsync("lvm", "lvs", "--noheadings", "fast")).Trim());
    }

    private static Task UntilRunsAsync(FlowWorld world) =>
        world.UntilAsync("the Pod runs", at => at.Find<Pod>(ResourceTypes.Pods, "db")?.Phase == "Running");

    private static string? ClaimPhase(FlowWorld world) =>
        world.Find<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims, "data")?.Phase;

    private static string? Free(FlowWorld world) =>
        world.Find<NodeLocalStorage>(ResourceTypes.NodeLocalStorages, $"fast.{FlowWorld.NodeName}")?.Status.Text("free");

    private static string Mounted(FlowWorld world, string path) =>
        GuestDevices.FolderOf(path, world.Find<Pod>(ResourceTypes.Pods, "db")!.Uid);
}
