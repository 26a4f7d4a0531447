using System.Globalization;

namespace LocalPv.Hosting.Doctor;

/// <summary>Whether this machine has what lvm2 and the agent need: kernel, programs, rights.</summary>
public static class MachineChecks
{
    // The oldest that the backend was tried with (Debian 11).
    private static readonly Version OldestLvm = new(2, 3, 11);

    private static readonly (string Module, string Layout)[] OptionalTargets =
        [("dm_thin_pool", "thin"), ("dm_raid", "raid1")];

    private static readonly (int Bit, string Name, string For)[] Capabilities =
    [
        (21, "SYS_ADMIN", "device-mapper"),
        (27, "MKNOD", "the files of devices"),
        (0, "CHOWN", "the owner of those files"),
    ];

    /// <summary>All checks, in the order in which one would mend.</summary>
    public static async Task<IReadOnlyList<Finding>> RunAsync(IMachine machine, CancellationToken cancellationToken)
    {
        var findings = new List<Finding> { DeviceMapper(machine) };
        findings.AddRange(OptionalTargets.Select(target => Target(machine, target.Module, target.Layout)));
        findings.Add(await LvmAsync(machine, cancellationToken).ConfigureAwait(false));
        foreach (var program in (ReadOnlySpan<string>)["wipefs", "blkdiscard"])
        {
            findings.Add(Program(machine, program));
        }

        findings.Add(Rights(machine));
        findings.Add(Folder(machine, "/dev", "the files of logical volumes appear there"));
        findings.Add(Folder(machine, "/run/lock/lvm", "LVM's locks lie there"));
        return findings;
    }

    private static Finding DeviceMapper(IMachine machine) =>
        machine.Exists("/sys/module/dm_mod") || machine.Read("/proc/misc").Contains("device-mapper", StringComparison.Ordinal)
            ? Finding.Good("kernel/device-mapper", "The kernel has device-mapper.")
            : Finding.Failure(
                "kernel/device-mapper",
                "The kernel has no device-mapper: logical volumes cannot get devices.",
                "Load it: modprobe dm_mod; and at every boot: echo dm_mod > /etc/modules-load.d/localpv.conf");

    private static Finding Target(IMachine machine, string module, string layout) =>
        machine.Exists("/sys/module/" + module)
            ? Finding.Good("kernel/" + module, $"{module} is loaded.")
            : Finding.Warning(
                "kernel/" + module,
                $"{module} is not loaded; only classes with the layout {layout} need it.",
                $"If you use that layout: modprobe {module}; and at every boot: echo {module} >> /etc/modules-load.d/localpv.conf");

    private static async Task<Finding> LvmAsync(IMachine machine, CancellationToken cancellationToken)
    {
        const string Install = "Install lvm2: apt-get install lvm2, dnf install lvm2, or the like. In a Pod: use LocalPv's image.";
        if (await machine.RunAsync("lvm", ["version"], cancellationToken).ConfigureAwait(false) is not { } run)
        {
            return Finding.Failure("lvm2", "The program lvm cannot be run.", Install);
        }

        var line = run.Output.Split('\n').FirstOrDefault(line => line.Contains("LVM version:", StringComparison.Ordinal)) ?? "";
        var text = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        var number = new string([.. text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        if (!Version.TryParse(number, out var version))
        {
            return Finding.Failure("lvm2", $"lvm version says '{run.Output.Trim()}' (exit code {run.ExitCode}).", Install);
        }

        return version >= OldestLvm
            ? Finding.Good("lvm2", $"lvm2 {text}.")
            : Finding.Warning("lvm2", $"lvm2 {text} is older than {OldestLvm}, the oldest that was tried.", "Upgrade lvm2.");
    }

    private static Finding Program(IMachine machine, string program) =>
        ((string[])["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"]).Any(folder => machine.Exists(folder + program))
            ? Finding.Good("programs/" + program, $"{program} is there.")
            : Finding.Failure("programs/" + program, $"The program {program} is missing.", "Install util-linux.");

    private static Finding Rights(IMachine machine)
    {
        var status = machine.Read("/proc/self/status").Split('\n');
        var uid = Field(status, "Uid:").Split('\t', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1) ?? Field(status, "Uid:");
        ulong.TryParse(Field(status, "CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var held);
        var missing = Capabilities.Where(capability => (held & (1UL << capability.Bit)) == 0).ToArray();
        return uid == "0" && missing.Length == 0
            ? Finding.Good("permissions", "Root, with the capabilities that lvm2 needs.")
            : Finding.Failure(
                "permissions",
                $"Runs as user {uid}"
                    + (missing.Length == 0 ? "." : $" without {string.Join(", ", missing.Select(lack => $"{lack.Name} ({lack.For})"))}."),
                "Run as root (sudo), or in the agent's Pod: kubectl -n localpv-system exec ds/localpv-agent -- localpv doctor");
    }

    private static string Field(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim() ?? "";

    private static Finding Folder(IMachine machine, string folder, string purpose) =>
        !machine.Exists(folder)
            ? Finding.Warning("permissions" + folder, $"{folder} is not there yet; {purpose}.", $"lvm2 makes it, or: mkdir -p {folder}")
            : machine.MayWrite(folder)
                ? Finding.Good("permissions" + folder, $"{folder} can be written to.")
                : Finding.Failure(
                    "permissions" + folder,
                    $"{folder} cannot be written to; {purpose}.",
                    $"In a Pod, mount the node's {folder} as deploy/manifests/agent.yaml does; else run as root.");
}
