using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests.Containers;

/// <summary>
/// Where agents run: in a container with the machine's /dev and no udev, with the manifest's rights and none besides; in one without lvm2
/// that runs the machine's; and where something is missing. Real lvm2 on loop devices.
/// </summary>
[Collection(nameof(LoopDevices))]
public sealed class ContainerTests
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-container");
    private static readonly LogicalVolumeName Name = LogicalVolumeName.Parse("pvc-uid-1");
    private static readonly ClaimUid Claim = ClaimUid.Parse("uid-1");

    // As the image has it: nothing is written to, there is no udev, and of LVM's files there is the lock folder.
    private const string WithoutUdev =
        """
        mount -o remount,bind,ro /
        mount -t tmpfs none /run
        mkdir -p /run/lock/lvm /run/lvm
        """;

    private const string WithoutLvm = "mount -t tmpfs none /usr/sbin";

    [Fact]
    public async Task Container_WithTheMachinesDevicesAndTheManifestsRights_DoesAll()
    {
        using var bench = new LoopBench([20, 10]);
        File.Copy(InRepository("deploy/image/lvm.conf"), Path.Combine(bench.Folder, "lvm.conf"), overwrite: true);
        using var container = Namespaces.OfContainer(null, WithoutUdev, RightsOfTheManifest());
        Assert.Equal("no udev, read-only", await container.ScriptAsync(
            "[ -e /run/udev ] || printf 'no udev, '; touch /etc/x 2>/dev/null || echo read-only"));
        Assert.Equal(
            "cap_chown,cap_ipc_lock,cap_sys_admin,cap_sys_nice,cap_mknod".Split(',').Order(),
            (await container.ScriptAsync("setpriv --dump | sed -n 's/^Capability bounding set: //p'")).Split(',')
                .Select(name => "cap_" + name).Order());
        await DoAllAsync(bench, new LvmNodeStorage(bench.Options, container));
    }

    [Fact]
    public async Task Container_WithoutLvm_DoesAllByTheMachines()
    {
        using var bench = new LoopBench([20, 10]);
        using var machine = Namespaces.OfMachine();

        // Neither lvm2 nor its configuration nor any device is in the container.
        using var container = Namespaces.OfContainer(
            machine, $"{WithoutLvm}\nmount -t tmpfs none {Path.GetDirectoryName(bench.Folder)}\nmount -t tmpfs none /dev");
        var bare = await ScanAsync(new LvmNodeStorage(bench.Options, container));
        Assert.Equal(OutcomeKind.Unavailable, bare.Kind);
        Assert.Contains("Install lvm2", bare.Message, StringComparison.Ordinal);

        var storage = new LvmNodeStorage(bench.Options with { InHost = true }, container);
        await DoAllAsync(bench, storage);
    }

    [Fact]
    public async Task Container_WithoutRights_IsRefusedAndNamesTheRemedy()
    {
        using var bench = new LoopBench([20]);
        using var container = Namespaces.OfContainer(
            null, $"{WithoutUdev}\nchmod 700 /run/lock/lvm", "setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--");
        var outcome = await ScanAsync(new LvmNodeStorage(bench.Options with { SystemDirectory = null }, container));
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains("as root", outcome.Message, StringComparison.Ordinal);
    }

    // Its control file is not there and cannot be made, as without the kernel's module.
    [Fact]
    public async Task Container_WithoutDeviceMapper_MakesNoVolumeAndNamesTheRemedy()
    {
        using var bench = new LoopBench([20]);
        await MakeGroupAsync(bench, bench.Storage);
        using var container = Namespaces.OfContainer(
            null, "mkdir -p /dev/mapper; mount -t tmpfs -o nodev none /dev/mapper", "setpriv", "--bounding-set=-mknod", "--");
        var storage = new LvmNodeStorage(bench.Options with { Activation = true }, container);
        var outcome = await storage.RunAsync(Creation, CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("modprobe dm_mod", outcome.Message, StringComparison.Ordinal);
        var seen = Assert.IsType<NodeStorageAnswer.Scanned>((await ScanAsync(bench.Storage)).Value).Scan;
        Assert.Empty(seen.Group(Group)!.LogicalVolumes);
    }

    // Whoever mounted it is not seen from the container; the kernel knows, and lets nobody have the disk to himself.
    [Fact]
    public async Task Disk_MountedWhereNobodySeesIt_IsNotTakenEvenWhereItMayBeWiped()
    {
        using var bench = new LoopBench([20]);
        bench.Format(bench.Disks[0]);
        using var elsewhere = Namespaces.OfContainer(null, $"mount {bench.Disks[0].Path} /mnt; touch /mnt/precious");
        foreach (var disk in new[] { bench.Disks[0], bench.Disks[0] with { WipeSignatures = true } })
        {
            var creation = new NodeStorageRequest.CreateVolumeGroup(Group, ExtentSize.From(Bytes.FromMebibytes(1)), [disk], []);
            var outcome = await bench.Storage.RunAsync(creation, CancellationToken.None);
            Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        }

        Assert.Equal("precious", await elsewhere.ScriptAsync("ls /mnt | grep precious"));
        var seen = Assert.IsType<NodeStorageAnswer.Scanned>((await ScanAsync(bench.Storage)).Value).Scan;
        Assert.Equal("ext4", Assert.Single(seen.Disks).Signature);
    }

    [Fact]
    public async Task Disk_MountedWhereWeSeeIt_IsSeenInUse()
    {
        using var bench = new LoopBench([20]);
        bench.Format(bench.Disks[0]);
        var place = Directory.CreateDirectory(Path.Combine(bench.Folder, "a b")).FullName;
        await RunHereAsync("mount", bench.Disks[0].Path.Value, place);
        try
        {
            var seen = Assert.IsType<NodeStorageAnswer.Scanned>((await ScanAsync(bench.Storage)).Value).Scan;
            Assert.Equal(place, Assert.Single(seen.Disks).MountPoint);
        }
        finally
        {
            await RunHereAsync("umount", place);
        }
    }

    private static readonly NodeStorageRequest.CreateLogicalVolume Creation = new(
        Group, Name, new ExtentCount(3), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + Claim.Value)]);

    private static async Task DoAllAsync(LoopBench bench, LvmNodeStorage storage)
    {
        var before = Assert.IsType<NodeStorageAnswer.Scanned>((await ScanAsync(storage)).Value).Scan;
        Assert.Equal(bench.Disks.Select(disk => disk.Id).Order(), before.Disks.Select(disk => disk.Id!.Value).Order());
        Assert.All(before.Disks, disk => Assert.True(disk.Readable));
        var made = await MakeGroupAsync(bench, storage);
        foreach (var request in new NodeStorageRequest[]
        {
            Creation,
            new NodeStorageRequest.ExtendVolumeGroup(Group, made.Uuid, [bench.Disks[1]]),
            new NodeStorageRequest.ExtendLogicalVolume(Group, Name, Claim, new ExtentCount(25)),
            new NodeStorageRequest.TagLogicalVolume(Group, Name, Claim, LvmTag.Parse("localpv.io/test")),
        })
        {
            AssertDone(await storage.RunAsync(request, CancellationToken.None));
        }

        // The machine's own lvm2 sees the same.
        var seen = Assert.IsType<NodeStorageAnswer.Scanned>((await ScanAsync(bench.Storage)).Value).Scan;
        Assert.Equal((25, 3), (seen.Group(Group)!.Volume(Name)!.Extents.Value, seen.Group(Group)!.Volume(Name)!.Tags.Length));
        AssertDone(await storage.RunAsync(
            new NodeStorageRequest.RemoveLogicalVolume(Group, Name, Claim, WipePolicy.Zero), CancellationToken.None));
        AssertDone(await storage.RunAsync(new NodeStorageRequest.RemoveVolumeGroup(Group, made.Uuid), CancellationToken.None));
    }

    private static async Task<VolumeGroup> MakeGroupAsync(LoopBench bench, INodeStorage storage)
    {
        var creation = new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [bench.Disks[0]], [LvmTag.Parse(WellKnown.OurTag)]);
        var outcome = await storage.RunAsync(creation, CancellationToken.None);
        AssertDone(outcome);
        return Assert.IsType<NodeStorageAnswer.Group>(outcome.Value).VolumeGroup;
    }

    private static async Task<Outcome<NodeStorageAnswer>> ScanAsync(INodeStorage storage) =>
        await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);

    private static void AssertDone(Outcome<NodeStorageAnswer> outcome) => Assert.True(outcome.IsDone, outcome.Message);

    private static async Task RunHereAsync(string program, params string[] arguments)
    {
        var command = new Command(program, [.. arguments], TimeSpan.FromSeconds(30));
        var result = await new CommandRunner().RunAsync(command, CancellationToken.None);
        Assert.True(result.Succeeded, result.Errors);
    }

    // The words of the agent's command before the agent itself.
    private static string[] RightsOfTheManifest()
    {
        var words = File.ReadLines(InRepository("deploy/manifests/agent.yaml"))
            .SkipWhile(line => line.Trim() != "command:").Skip(1)
            .Select(line => line.Trim()[2..]).TakeWhile(word => word != "/usr/bin/localpv").ToArray();
        Assert.Equal(("setpriv", "--"), (words[0], words[^1]));
        return words;
    }

    private static string InRepository(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("LocalPv.sln is in no folder above the tests.");
        }

        return Path.Combine(folder.FullName, path);
    }
}
