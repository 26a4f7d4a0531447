using System.Diagnostics;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm;

namespace LocalPv.Benchmarks.Lvm;

/// <summary>
/// Measures the lvm2 backend against the bare commands, in turns in the same process, on loop devices and without device-mapper: to make
/// one volume, to make 20, and to scan a group of 200 volumes on 8 disks. Needs root, lvm2 and free loop devices. Prints medians.
/// </summary>
internal sealed class LvmRatio : IDisposable
{
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvbench");
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-bench-").FullName;
    private readonly List<string> _devices = [];

    // Who has a device open keeps it: detached already, it goes with this process, however that ends.
    private readonly List<FileStream> _open = [];
    private readonly LvmNodeStorage _storage;
    private int _names;

    private LvmRatio(int disks)
    {
        for (var i = 0; i < disks; i++)
        {
            var file = Path.Combine(_folder, $"disk{i}.img");
            using (var image = File.Create(file))
            {
                image.SetLength(Bytes.FromGibibytes(1).Value);
            }

            _devices.Add(Run("losetup", "--find", "--show", file).Trim());
            _open.Add(new FileStream(_devices[^1], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Run("losetup", "--detach", _devices[^1]);
        }

        File.WriteAllText(Path.Combine(_folder, "lvm.conf"), $$"""
            global { locking_dir = "{{_folder}}/lock" }
            devices { obtain_device_list_from_udev = 0 }
            activation { udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0 }
            backup { backup = 0 archive = 0 }
            """);
        Lvm(["vgcreate", "--addtag", WellKnown.OurTag, "--physicalextentsize", "1m", Group.Value, .. _devices]);
        _storage = new LvmNodeStorage(new LvmOptions
        {
            Activation = false,
            SystemDirectory = _folder,
            Devices = [.. _devices.Select(DevicePath.Parse)],
        });
    }

    /// <summary>Runs all cases.</summary>
    public static void Run(int rounds)
    {
        Console.WriteLine("| what | rounds | bare ms | backend ms | ratio |");
        Console.WriteLine("|---|---|---|---|---|");
        using (var bench = new LvmRatio(2))
        {
            bench.Scan();
            bench.Measure("one volume", rounds * 4, bench.BareCreate, bench.Create);
            bench.Measure("20 volumes", rounds, () => Times(20, bench.BareCreate), () => bench.CreateAtOnce(20));
        }

        using (var bench = new LvmRatio(8))
        {
            for (var i = 0; i < 200; i++)
            {
                bench.BareCreate();
            }

            bench.Measure("scan of 200 volumes on 8 disks", rounds * 4, bench.BareReport, bench.Scan);
        }
    }

    public void Dispose()
    {
        foreach (var device in _open)
        {
            device.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static void Times(int count, Action action)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }
    }

    private void Measure(string what, int rounds, Action bare, Action backend)
    {
        var times = new (double Bare, double Backend)[rounds];
        bare();
        backend();
        for (var i = 0; i < rounds; i++)
        {
            times[i] = (Time(bare), Time(backend));
        }

        var (floor, ours) = (Median(times.Select(time => time.Bare)), Median(times.Select(time => time.Backend)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {what} | {rounds} | {floor:0.0} | {ours:0.0} | {ours / floor:0.00} |"));
    }

    private static double Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private void BareCreate() => Lvm(
        "lvcreate", "-an", "-Zn", "-Wn", "-y", "-l", "1", "--addtag", WellKnown.OurTag, "-n", $"bare-{++_names}", Group.Value);

    private void BareReport() => Lvm(
        "fullreport", "--reportformat", "json", "--units", "b", "--nosuffix",
        "--configreport", "lv", "-o", "lv_name,lv_uuid,lv_size,lv_tags,lv_attr");

    private void Create() => Done(Creation(++_names));

    private void CreateAtOnce(int count)
    {
        var requests = Enumerable.Range(0, count).Select(_ => Creation(++_names)).ToArray();
        Task.WaitAll([.. requests.Select(request => Task.Run(() => Done(request)))]);
    }

    private void Scan() => Done(new NodeStorageRequest.Scan());

    private static NodeStorageRequest.CreateLogicalVolume Creation(int number) => new(
        Group, LogicalVolumeName.Parse($"pvc-{number}"), new ExtentCount(1), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse($"{WellKnown.ClaimTagPrefix}{number}")]);

    private void Done(NodeStorageRequest request)
    {
        var outcome = _storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (!outcome.IsDone)
        {
            throw new InvalidOperationException($"{request}: {outcome}");
        }
    }

    private void Lvm(params string[] arguments) => Run(
        "lvm", [.. arguments, "--driverloaded", "n", "--devices", string.Join(',', _devices)]);

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LVM_SYSTEM_DIR"] = _folder;
        start.Environment["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
    }
}
