using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Tests.Differential;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// Real lvm2 on loop devices, in the mode that needs no device-mapper: LVM's metadata is all there is. Needs root, losetup, lvm2 and
/// free loop devices, and fails saying which is missing.
/// </summary>
internal sealed class LoopBench : NodeStorageBench, IDisksTwice
{
    private const string InMemory = "/dev/shm";
    private const string FolderName = "localpv-lvm-";
    private const string InUse = "in-use";

    private readonly string _folder = NewFolder();
    private readonly FileStream _inUse;
    private readonly CommandRunner _runner = new();

    // Each is detached as soon as it is attached: the kernel lets go of it when the last who has it open is gone, however a test ends.
    private readonly Dictionary<string, FileStream> _devices = [];
    private readonly Dictionary<string, byte[][]> _kept = [];

    internal LoopBench(int[] extentsPerDisk)
    {
        _inUse = new FileStream(Path.Combine(_folder, InUse), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        var disks = new List<DiskToUse>();
        try
        {
            for (var i = 0; i < extentsPerDisk.Length; i++)
            {
                disks.Add(Plug(Path.Combine(_folder, $"disk{i}.img"), Bytes.FromMebibytes(extentsPerDisk[i] + 1)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Disks = disks;
        WriteConfiguration();
        Storage = StorageOn(disks);
    }

    public override INodeStorage Storage { get; }

    public override IReadOnlyList<DiskToUse> Disks { get; }

    public override void Format(DiskToUse disk) => Run("mkfs.ext4", "-q", "-F", disk.Path.Value);

    public override void CreateForeignGroup(VolumeGroupName name, DiskToUse disk) =>
        Lvm("vgcreate", "--physicalextentsize", "1m", name.Value, disk.Path.Value);

    public override void CreateForeignVolume(VolumeGroupName group, LogicalVolumeName name, ExtentCount extents) => Lvm(
        "lvcreate", "-an", "-Zn", "-Wn", "-y", "-l", extents.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), "-n",
        name.Value, group.Value);

    public override void Unplug(DiskToUse disk) => Detach(disk.Path.Value);

    /// <summary>
    /// The node comes up again, and each disk has the name that the next one had. The devices stay attached, as whoever lets go of one
    /// may find it taken by another process: a disk's file and what LVM wrote on it move instead.
    /// </summary>
    internal void Rotate()
    {
        var starts = Disks.Select(ReadStart).ToArray();
        var aside = Path.Combine(_folder, "aside.img");
        File.Move(FileOf(Disks[0]), aside);
        for (var i = 1; i < Disks.Count; i++)
        {
            File.Move(FileOf(Disks[i]), FileOf(Disks[i - 1]));
        }

        File.Move(aside, FileOf(Disks[^1]));
        for (var i = 0; i < Disks.Count; i++)
        {
            WriteStart(Disks[(i + 1) % Disks.Count], starts[i]);
        }
    }

    // As the kernel tells it: the name that the file has now.
    private static string FileOf(DiskToUse disk) => disk.Id.Value["file:".Length..];

    /// <summary>Somebody's command works on a group and does not end. It does when the answer is disposed of.</summary>
    internal IDisposable Hang(VolumeGroupName group) => HoldLock("V_" + group.Value);

    /// <summary>Somebody's command makes or grows a group and does not end.</summary>
    internal IDisposable HangMakingAGroup() => HoldLock("P_global");

    // lvm2 locks by flock(2), as .NET does a file that it shares with nobody.
    private FileStream HoldLock(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "lock"));
        return new FileStream(Path.Combine(_folder, "lock", name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Puts another loop device before a disk, as a kubelet does with every block volume of a Pod.</summary>
    internal DevicePath AttachOver(DiskToUse disk) => DevicePath.Parse(Attach("--find", disk.Path.Value));

    /// <summary>The folder with the files behind the disks, and lvm2's configuration for them.</summary>
    internal string Folder => _folder;

    /// <inheritdoc/>
    public LvmNodeStorage StorageOn(IEnumerable<DiskToUse> disks) => new(OptionsOn(disks));

    /// <summary>The settings for all disks.</summary>
    internal LvmOptions Options => OptionsOn(Disks) with { PatienceAfterHang = TimeSpan.FromSeconds(1) };

    /// <inheritdoc/>
    public void Keep(string name) => _kept[name] = [.. Disks.Select(ReadStart)];

    /// <inheritdoc/>
    public void Restore(string name)
    {
        foreach (var (disk, start) in Disks.Zip(_kept[name]))
        {
            WriteStart(disk, start);
        }
    }

    /// <summary>All that LVM writes on a disk, as it is now.</summary>
    internal byte[] ReadStart(DiskToUse disk)
    {
        using var device = File.OpenHandle(disk.Path.Value);
        var start = new byte[Bytes.FromMebibytes(1).Value];
        Assert.Equal(start.Length, RandomAccess.Read(device, start, 0));
        return start;
    }

    /// <summary>Puts back what was there when it was read.</summary>
    internal void WriteStart(DiskToUse disk, byte[] start)
    {
        using var device = File.OpenHandle(disk.Path.Value, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(device, start, 0);
        RandomAccess.FlushToDisk(device);
    }

    /// <inheritdoc/>
    public string Lvm(IEnumerable<DiskToUse> disks, params string[] arguments) => Run(
        "lvm", [.. arguments, "--driverloaded", "n", "--devices", string.Join(',', disks.Select(disk => disk.Path.Value))]);

    protected override void Dispose(bool disposing)
    {
        foreach (var device in _devices.Keys.Reverse().ToArray())
        {
            Detach(device);
        }

        _inUse.Dispose();
        Directory.Delete(_folder, recursive: true);
        base.Dispose(disposing);
    }

    private DiskToUse Plug(string file, Bytes size)
    {
        using (var image = File.Create(file))
        {
            image.SetLength(size.Value);
        }

        var device = Attach("--find", file);
        return new DiskToUse(DevicePath.Parse(device), DiskId.Parse("file:" + file), size, WipeSignatures: false);
    }

    private LvmOptions OptionsOn(IEnumerable<DiskToUse> disks) =>
        new() { Activation = false, SystemDirectory = _folder, Devices = [.. disks.Select(disk => disk.Path)] };

    private string Attach(string where, string file)
    {
        var said = Run("losetup", where == "--find" ? ["--find", "--show", file] : [where, file]).Trim();
        var device = where == "--find" ? said : where;
        _devices.Add(device, new FileStream(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Run("losetup", "--detach", device);
        return device;
    }

    // Whoever looks at all devices may have it open for a moment more.
    private void Detach(string device)
    {
        _devices[device].Dispose();
        _devices.Remove(device);
        var file = $"/sys/class/block/{Path.GetFileName(device)}/loop/backing_file";
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(file), TimeSpan.FromSeconds(30)), $"{device} does not go.");
    }

    // In memory where there is room for that: nobody waits for a disk then.
    private static string NewFolder()
    {
        if (!Directory.Exists(InMemory) || new DriveInfo(InMemory).AvailableFreeSpace < Bytes.FromMebibytes(512).Value)
        {
            return Directory.CreateTempSubdirectory(FolderName).FullName;
        }

        RemoveLeftovers();
        return Directory.CreateDirectory($"{InMemory}/{FolderName}{Guid.NewGuid():N}").FullName;
    }

    // A test that was killed leaves its folder, which takes memory. Who still uses one holds its file.
    private static void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(InMemory, FolderName + "*"))
        {
            try
            {
                using (new FileStream(Path.Combine(folder, InUse), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (IOException)
            {
                // It is in use, or somebody else removes it.
            }
        }
    }

    private void WriteConfiguration() => File.WriteAllText(Path.Combine(_folder, "lvm.conf"), $$"""
        global { locking_dir = "{{_folder}}/lock" }
        devices { obtain_device_list_from_udev = 0 }
        activation { udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0 }
        backup { backup = 0 archive = 0 }
        """);

    private void Lvm(params string[] arguments) => Lvm(Disks, arguments);

    private string Run(string program, params string[] arguments)
    {
        var bare = new Command(program, [.. arguments], TimeSpan.FromSeconds(30));
        var command = bare with { Environment = bare.Environment.Add("LVM_SYSTEM_DIR", _folder) };
        var result = _runner.RunAsync(command, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded
            ? result.Output
            : throw new InvalidOperationException(
                $"'{command}' failed: {result.Errors.Trim()}. These tests need root, lvm2, util-linux, e2fsprogs and free loop devices "
                + "(on Debian: apt-get install lvm2 util-linux e2fsprogs).");
    }
}
