using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using LocalPv.Lvm.Commands;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>
/// A machine of its own: a Linux kernel with device-mapper, run as a program (user-mode Linux) over this machine's files, which it cannot
/// write. Needs no rights. The decisions stay on the host, in the test; the guest only runs commands. Safe for several threads.
/// </summary>
internal sealed class Guest : IAsyncDisposable
{
    // A newer kernel than the distribution's, where there is one: tests/newer-kernel.sh brings it, and the C library that it needs.
    private const string NewerFolder = "/opt/uml-next";
    private static readonly bool NewerIsThere = File.Exists($"{NewerFolder}/linux.uml");

    private static readonly string[] Kernel = NewerIsThere
        ? ["env", $"LD_LIBRARY_PATH={NewerFolder}", $"{NewerFolder}/linux.uml", "seccomp=on"]
        : ["linux.uml"];

    private static readonly string ModuleTree = NewerIsThere ? $"{NewerFolder}/modules" : "/usr/lib/uml/modules";

    // The kernel measures how fast it could do raid 5 and 6, which nobody here uses, for a second at each boot (newer ones in raid6_init),
    // and makes hundreds of terminals of an old kind.
    private const string QuickBoot =
        "quiet initcall_blacklist=raid6_select_algo,raid6_init,calibrate_xor_blocks pty.legacy_count=0 lpj=20000000";

    private readonly Process _process;
    private readonly GuestLine _line;
    private readonly string _folder;
    private readonly int _core;
    private bool _killed;

    private Guest(Process process, string folder, int core)
    {
        _process = process;
        _folder = folder;
        _core = core;
        _line = new GuestLine(process);
    }

    /// <summary>The guest's console so far: the kernel's messages and what its first program says.</summary>
    public string Console => _line.Console;

    /// <summary>A folder that the host sees as this and the guest as <see cref="ExchangeInside"/>.</summary>
    public string Exchange => Path.Combine(_folder, "exchange");

    /// <summary>Where the guest sees <see cref="Exchange"/>.</summary>
    public static string ExchangeInside => "/run/exchange";

    /// <summary>The line to the guest.</summary>
    internal GuestLine Line => _line;

    /// <summary>Starts a guest and waits until it takes commands.</summary>
    public static async Task<Guest> BootAsync(GuestOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("localpv-guest-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "exchange"));
        var core = GuestCores.Take();
        var process = new Process { StartInfo = StartInfo(options, folder, core) };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            GuestCores.GiveBack(core);
            throw new GuestFailureException(
                $"{error.Message} These tests need a kernel with device-mapper and lvm2 "
                + "(on Debian: apt-get install user-mode-linux kmod lvm2 thin-provisioning-tools xfsprogs e2fsprogs).");
        }

        var guest = new Guest(process, folder, core);
        try
        {
            await guest._line.Ready.WaitAsync(options.BootTimeLimit).ConfigureAwait(false);
            return guest;
        }
        catch (TimeoutException)
        {
            var console = guest.Console;
            await guest.DisposeAsync().ConfigureAwait(false);
            throw new GuestFailureException($"The guest took no commands within {options.BootTimeLimit}. Its console:\n{console}");
        }
        catch (GuestFailureException)
        {
            await guest.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a command in the guest, as <see cref="ICommandRunner"/> has it; throws where the guest itself fails.</summary>
    public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken) =>
        _line.RunAsync(Exchange, "run", command, cancellationToken);

    /// <summary>Runs a program in Perl, which stands in the place of a command's name; nothing has to be started for it.</summary>
    public Task<CommandResult> RunPerlAsync(Command program, CancellationToken cancellationToken) =>
        _line.RunAsync(Exchange, "do", program, cancellationToken);

    /// <summary>
    /// The node loses its mind at once, whatever it does: every process of the guest is killed, as no signal handler can see. What it has
    /// written to its disks stays, as the host keeps it. Commands that run end as killed.
    /// </summary>
    public async Task CrashAsync()
    {
        if (_killed)
        {
            return;
        }

        _killed = true;
        _line.ExpectEnd();

        // The guest's processes are its process group, which has the first one's number. Where they ended by themselves, kill says so.
        var group = "-" + _process.Id.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-KILL", "--", group]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync().ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        GuestCores.GiveBack(_core);
    }

    /// <summary>Nobody is at the other end of the line any more, as when a test is killed: waits until the guest has ended by
    /// itself.</summary>
    public async Task HangUpAsync(CancellationToken cancellationToken)
    {
        _line.ExpectEnd();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CrashAsync().ConfigureAwait(false);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static ProcessStartInfo StartInfo(GuestOptions options, string folder, int core)
    {
        // Neither program forks here, so that the process is the guest itself and the leader of a group of its own.
        var info = new ProcessStartInfo("taskset")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "--cpu-list", core.ToString(CultureInfo.InvariantCulture), "setsid",
            .. Kernel,
            $"mem={options.Memory.Value}",
            "rootfstype=hostfs", "rootflags=/", "ro",
            "init=/usr/bin/perl",
            $"uml_dir={folder}/", "umid=guest",
            "con=null", "con0=null,fd:2", "ssl=null", "ssl0=fd:0,fd:1",
            .. options.Disks.Select((disk, index) => $"ubd{(char)('a' + index)}={disk.File},,{disk.Serial}"),
            .. QuickBoot.Split(' '),
            $"EXCHANGE={Path.Combine(folder, "exchange")}",
            $"MODULE_TREE={ModuleTree}",
            $"MODULES={string.Join(',', options.Modules)}",
            $"DISKS={options.DiskKind}",
            "--", Path.Combine(AppContext.BaseDirectory, "Guests", "guest.pl"),
        ];
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        // The guest's memory is a file: one on a disk would be written back again and again.
        var shared = new DriveInfo("/dev/shm");
        info.Environment["TMPDIR"] = shared.AvailableFreeSpace > 4 * options.Memory.Value ? "/dev/shm" : folder;
        return info;
    }
}
