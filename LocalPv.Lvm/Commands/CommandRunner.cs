using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace LocalPv.Lvm.Commands;

/// <summary>
/// Runs commands: fixed locale, no input, both outputs read to their end but kept only up to a limit, killed with all its children when
/// its time is up or its caller gives up.
/// </summary>
internal sealed class CommandRunner : ICommandRunner
{
    // A report of 10,000 volumes has about 5 MB.
    private const int OutputLengthMax = 64 << 20;

    // A process that hangs in the kernel does not die from SIGKILL; the caller must go on.
    private static readonly TimeSpan DyingTimeLimit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(command) };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return new CommandResult(CommandEnd.NotStarted, -1, "", $"{command.Program} cannot be run: {error.Message}", Truncated: false);
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
            await KillAsync(process, ended).ConfigureAwait(false);
            return new CommandResult(CommandEnd.Killed, -1, output.Text, errors.Text, output.Truncated);
        }

        return new CommandResult(CommandEnd.Exited, process.ExitCode, output.Text, errors.Text, output.Truncated);
    }

    private static async Task KillAsync(Process process, Task ended)
    {
        process.Kill(entireProcessTree: true);
        await Task.WhenAny(ended, Task.Delay(DyingTimeLimit)).ConfigureAwait(false);
    }

    private static ProcessStartInfo StartInfo(Command command)
    {
        var info = new ProcessStartInfo(command.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
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
