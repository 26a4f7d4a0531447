using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using LocalPv.Lvm.Commands;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>
/// The serial line to a guest, in the language of <c>guest.pl</c>: a line for each request and each answer, arguments and output in
/// files beside it.
/// </summary>
internal sealed class GuestLine
{
    private const string Killed = "killed";

    // The shell's code for a program that is not there.
    private const string NotStarted = "127";

    // How long a small answer may take, and a killed command to die.
    private static readonly TimeSpan AnswerTimeLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan DyingTimeLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _waiting = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _console = new();
    private readonly Lock _gate = new();
    private long _lastId;
    private bool _endExpected;
    private bool _ended;

    internal GuestLine(Process process)
    {
        _process = process;
        var read = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        _ = read.ContinueWith(_ => End(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Completes when the guest takes commands.</summary>
    internal Task Ready => _ready.Task;

    internal string Console
    {
        get
        {
            lock (_gate)
            {
                return _console.ToString();
            }
        }
    }

    /// <summary>The guest is about to be killed: that is no failure.</summary>
    internal void ExpectEnd()
    {
        lock (_gate)
        {
            _endExpected = true;
        }
    }

    /// <summary>Runs a command, where <paramref name="verb"/> is <c>run</c>, or a program in Perl, where it is <c>do</c>.</summary>
    internal async Task<CommandResult> RunAsync(
        string exchange, string verb, Command command, CancellationToken cancellationToken)
    {
        var id = NextId();
        var at = Path.Combine(exchange, id);
        IEnumerable<string> words = [command.Program, .. command.Arguments];
        if (!command.Environment.IsEmpty)
        {
            words = [.. command.Environment.Select(pair => $"{pair.Key}={pair.Value}").Prepend("env"), .. words];
        }

        await WriteWordsAsync(at, words).ConfigureAwait(false);
        var answer = SendAsync(id, $"{verb} {id}");
        string code;
        try
        {
            code = await answer.WaitAsync(command.TimeLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            Write("kill " + id);
            await Task.WhenAny(answer, Task.Delay(DyingTimeLimit, CancellationToken.None)).ConfigureAwait(false);
            code = Killed;
        }

        var (output, errors) = (ReadFile(at + ".out"), ReadFile(at + ".err"));
        return code switch
        {
            Killed when cancellationToken.IsCancellationRequested =>
                new CommandResult(CommandEnd.GivenUp, -1, output, errors, Truncated: false),
            Killed => new CommandResult(CommandEnd.Killed, -1, output, errors, Truncated: false),
            NotStarted => new CommandResult(CommandEnd.NotStarted, -1, output, errors, Truncated: false),
            _ => new CommandResult(
                CommandEnd.Exited, int.Parse(code, CultureInfo.InvariantCulture), output, errors, Truncated: false),
        };
    }

    /// <summary>A question that the guest's shell answers by itself: a line, without the exit code; empty from a guest that was
    /// killed.</summary>
    internal async Task<string> AskAsync(string verb, string about, CancellationToken cancellationToken)
    {
        var id = NextId();
        var answer = await SendAsync(id, $"{verb} {id} {about}").WaitAsync(AnswerTimeLimit, cancellationToken).ConfigureAwait(false);
        return answer.Length > 2 ? answer[2..] : "";
    }

    /// <summary>The paths that fit patterns before the empty one, an empty line, and the lines of the files that fit the others.</summary>
    internal async Task<string> LookAsync(string exchange, IEnumerable<string> patterns, CancellationToken cancellationToken)
    {
        var id = NextId();
        var at = Path.Combine(exchange, id);
        await WriteWordsAsync(at, patterns).ConfigureAwait(false);
        await SendAsync(id, "look " + id).WaitAsync(AnswerTimeLimit, cancellationToken).ConfigureAwait(false);
        return ReadFile(at + ".out");
    }

    private static Task WriteWordsAsync(string at, IEnumerable<string> words) =>
        File.WriteAllTextAsync(at + ".args", string.Concat(words.Select(word => word + "\0")), CancellationToken.None);

    private Task<string> SendAsync(string id, string line)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        Write(line);
        lock (_gate)
        {
            if (_ended)
            {
                Fail(answer);
            }
        }

        return answer.Task;
    }

    private void Write(string line)
    {
        try
        {
            lock (_gate)
            {
                _process.StandardInput.Write(line + "\n");
                _process.StandardInput.Flush();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The guest is gone; whoever waits for an answer learns that from the end of the line.
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            TakeIn(line.TrimEnd('\r'));
        }
    }

    private void TakeIn(string line)
    {
        if (line == "@ready")
        {
            _ready.TrySetResult();
            return;
        }

        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (line.StartsWith('@') && blank > 0 && _waiting.TryRemove(line[1..blank], out var answer))
        {
            answer.TrySetResult(line[(blank + 1)..]);
            return;
        }

        lock (_gate)
        {
            _console.AppendLine(line);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _ended = true;
            _ready.TrySetException(Ended());
            foreach (var answer in _waiting.Values)
            {
                Fail(answer);
            }
        }
    }

    private void Fail(TaskCompletionSource<string> answer)
    {
        if (_endExpected)
        {
            answer.TrySetResult(Killed);
        }
        else
        {
            answer.TrySetException(Ended());
        }
    }

    private GuestFailureException Ended() => new($"The guest came to an end by itself. Its console:\n{_console}");

    private string NextId() => Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);

    private static string ReadFile(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
