using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace LocalPv.Lvm.Commands;

/// <summary>
/// Runs commands: fixed locale, no input, both outputs read to their end but kept only up to a limit, ended with all its children when
/// its time is up or its caller gives up. Most are killed; a change of lvm2 is first asked to end, see <see cref="FinishingTimeLimit"/>.
/// </summary>
internal sealed class CommandRunner : ICommandRunner
{
    // A report of 10,000 volumes has about 5 MB.
    private const int OutputLengthMax = 64 << 20;

    // A process that hangs in the kernel does not die from SIGKILL; the caller must go on.
    private static readonly TimeSpan DyingTimeLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a change may go on after it was asked to end. lvm2 blocks every signal that can be blocked while it holds a group's lock
    /// (lib/misc/lvm-signal.c), and so finishes what it has begun. Killed there it may leave a device suspended, and whoever uses that
    /// hangs until somebody resumes it. 10 s: the changes of large groups take seconds.
    /// </summary>
    internal TimeSpan FinishingTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        if (ProgramPath.Find(command.Program) is not { } program)
        {
            return NotStarted(command, "there is no such program in PATH, /usr/sbin or /sbin.");
        }

        using var process = new Process { StartInfo = StartInfo(command, program) };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return NotStarted(command, error.Message);
        }

        process.StandardInput.Close();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(command.TimeLimit);
        var output = new BoundedText();
        var errors = new BoundedText();
        var ended = Task.WhenAll(
            output.FillAsync(process.StandardOutput),
            errors.FillAsync(process.StandardError),
            process.WaitForExitAsync(CancellationToken.None));
        try
        {
            await ended.WaitAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(command, process, ended).ConfigureAwait(false);
            var end = cancellationToken.IsCancellationRequested ? CommandEnd.GivenUp : CommandEnd.Killed;
            return new CommandResult(end, -1, output.Text, errors.Text, output.Truncated);
        }

        return new CommandResult(CommandEnd.Exited, process.ExitCode, output.Text, errors.Text, output.Truncated);
    }

    private async Task EndAsync(Command command, Process process, Task ended)
    {
        if (command.FinishesFirst)
        {
            ProcessGroup.Terminate(process.Id);
            await Task.WhenAny(ended, Task.Delay(FinishingTimeLimit)).ConfigureAwait(false);
            if (ended.IsCompleted)
            {
                return;
            }
        }

        ProcessGroup.Kill(process.Id);
        if (command.IsLeftToDie)
        {
            return;
        }

        await Task.WhenAny(ended, Task.Delay(DyingTimeLimit)).ConfigureAwait(false);
    }

    private static CommandResult NotStarted(Command command, string why) =>
        new(CommandEnd.NotStarted, -1, "", $"{command.Program} cannot be run: {why}", Truncated: false);

    // setsid makes the command the leader of a process group of its own before it becomes the command: the group is what gets killed, so
    // that no child outlives it, not even one whose parent has gone.
    private static ProcessStartInfo StartInfo(Command command, string program)
    {
        var info = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        info.ArgumentList.Add(program);
        foreach (var argument in command.Arguments)
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment["LC_ALL"] = "C";
        info.Environment["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        foreach (var (name, value) in command.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private sealed class BoundedText
    {
        private readonly StringBuilder _text = new();
        private readonly Lock _gate = new();

        public bool Truncated { get; private set; }

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return _text.ToString();
                }
            }
        }

        public async Task FillAsync(StreamReader reader)
        {
            var buffer = new char[8192];
            int read;
            while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                lock (_gate)
                {
                    var room = Math.Min(read, OutputLengthMax - _text.Length);
                    _text.Append(buffer, 0, room);
                    Truncated |= room < read;
                }
            }
        }
    }
}
