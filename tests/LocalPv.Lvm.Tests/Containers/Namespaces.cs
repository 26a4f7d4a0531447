using System.Diagnostics;
using System.Globalization;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests.Containers;

/// <summary>
/// Namespaces as a machine or a container has them, kept by a process that waits in them, and ends with this one. Needs root.
/// </summary>
internal sealed class Namespaces : ICommandRunner, IDisposable
{
    private static readonly string[] Kinds = ["--pid", "--mount", "--uts", "--ipc", "--net"];

    private readonly Process _keeper;
    private readonly CommandRunner _runner = new();
    private readonly string[] _before;

    private Namespaces(IEnumerable<string> makers, string script, string[] before)
    {
        _before = before;
        var words = makers.Concat(["sh", "-euc", script + "\necho ready; exec cat"]).ToArray();
        _keeper = Process.Start(new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (_keeper.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException(
                $"'{string.Join(' ', words)}' failed: {_keeper.StandardError.ReadToEnd()}. These tests need root and util-linux.");
        }

        Target = ChildOf(_keeper.Id).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The number of a process in them, as this process counts.</summary>
    internal string Target { get; }

    /// <summary>A machine of its own, whose process 1 is another than this machine's.</summary>
    internal static Namespaces OfMachine() =>
        new(["unshare", "--fork", .. Kinds, "--mount-proc", "--kill-child", "--"], "hostname the-machine", []);

    /// <summary>
    /// A container on a machine, or on this one where none is given: it shares all but the mounts, which a script changes. Its commands get
    /// these words before them.
    /// </summary>
    internal static Namespaces OfContainer(Namespaces? machine, string script, params string[] before) => machine is null
        ? new(["unshare", "--fork", "--mount", "--kill-child", "--"], script, before)
        : new(["nsenter", "--target", machine.Target, .. Kinds, "--", "unshare", "--mount", "--"], script, before);

    /// <summary>Runs the command in them.</summary>
    public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken) => _runner.RunAsync(
        command with
        {
            Program = "nsenter",
            Arguments = ["--target", Target, .. Kinds, "--", .. _before, command.Program, .. command.Arguments],
        },
        cancellationToken);

    /// <summary>Runs a script in them; its output.</summary>
    internal async Task<string> ScriptAsync(string script) =>
        (await RunAsync(new Command("sh", ["-c", script], TimeSpan.FromSeconds(30)), CancellationToken.None)).Output.Trim();

    /// <summary>Ends the process that keeps them.</summary>
    public void Dispose()
    {
        _keeper.StandardInput.Close();
        _keeper.WaitForExit();
        _keeper.Dispose();
    }

    // What entered the namespaces is the child of what asked for it.
    private static int ChildOf(int process)
    {
        var number = process.ToString(CultureInfo.InvariantCulture);
        return int.Parse(File.ReadAllText($"/proc/{number}/task/{number}/children").Trim(), CultureInfo.InvariantCulture);
    }
}
