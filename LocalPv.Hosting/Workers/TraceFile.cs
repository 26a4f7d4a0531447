using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Traces;
using LocalPv.Core.Units;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// The file in which an agent's trace is written, a line a step, to be replayed by the simulator (<see cref="TraceFormat"/>). It never
/// grows beyond its bound: then it says that it is full, and the agent goes on without. The trace of the life before is kept beside it,
/// with <c>.1</c> behind its name. A disk that cannot be written to ends the trace, not the agent. Safe for any thread.
/// </summary>
public sealed class TraceFile : IDisposable
{
    /// <summary>How large a trace becomes where nothing else is said: about a day of a busy node.</summary>
    public static readonly Bytes DefaultSizeMax = Bytes.FromMebibytes(64);

    private const int EndSizeMax = 64;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly long _sizeMax;
    private readonly ILogger _log;
    private FileStream? _file;
    private long _size;
    private long _steps;

    /// <summary>Begins a trace; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where it cannot.</summary>
    public TraceFile(string path, Bytes sizeMax, NodeAgentOptions options, ILogger log)
        : this(path, sizeMax, TraceFormat.Header(options, Version), log)
    {
    }

    /// <summary>The same for the cluster's agent.</summary>
    public TraceFile(string path, Bytes sizeMax, ClusterAgentOptions options, ILogger log)
        : this(path, sizeMax, TraceFormat.Header(options, Version), log)
    {
    }

    /// <summary>The same for the scheduler's extender.</summary>
    public TraceFile(string path, Bytes sizeMax, ExtenderOptions options, ILogger log)
        : this(path, sizeMax, TraceFormat.Header(options, Version), log)
    {
    }

    private TraceFile(string path, Bytes sizeMax, JsonMap header, ILogger log)
    {
        _path = path;
        _sizeMax = sizeMax.Value;
        _log = log;
        if (File.Exists(path))
        {
            File.Move(path, path + ".1", overwrite: true);
        }

        // Read by its owner only: it says what a cluster's objects are called.
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(path, how);
        Write(header);
    }

    private static string Version => typeof(TraceFile).Assembly.GetName().Version?.ToString() ?? "";

    /// <summary>Adds a step.</summary>
    public void Add(Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        lock (_gate)
        {
            if (_file is not null)
            {
                Write(TraceFormat.Step(++_steps, now, happened, effects));
            }
        }
    }

    /// <summary>Adds a question of the scheduler and its answer.</summary>
    public void AddQuestion(Instant now, JsonMap question, JsonMap answer)
    {
        lock (_gate)
        {
            if (_file is not null)
            {
                Write(TraceFormat.Asked(++_steps, now, question, answer));
            }
        }
    }

    /// <summary>Adds a step in which the agent failed: the last of its life.</summary>
    public void AddFailure(Instant now, AgentEvent happened, Exception bug)
    {
        lock (_gate)
        {
            if (_file is not null)
            {
                Write(TraceFormat.Failure(++_steps, now, happened, bug));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            End(TraceFormat.Stopped);
        }
    }

    private void Write(JsonMap line)
    {
        var text = line.ToUtf8();
        if (_size + text.Length + 1 + EndSizeMax > _sizeMax)
        {
            TraceLog.Full(_log, _path, _steps - 1);
            End(TraceFormat.Full);
            return;
        }

        try
        {
            // Each line reaches the kernel at once, so that it is there after a crash of this process.
            _file!.Write([.. text, (byte)'\n']);
            _file.Flush();
            _size += text.Length + 1;
        }
        catch (IOException error)
        {
            TraceLog.Failed(_log, _path, error.Message);
            Close();
        }
    }

    private void End(string why)
    {
        try
        {
            _file?.Write([.. TraceFormat.End(why).ToUtf8(), (byte)'\n']);
        }
        catch (IOException error)
        {
            TraceLog.Failed(_log, _path, error.Message);
        }

        Close();
    }

    private void Close()
    {
        var file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // What could not be written was said already; there is nothing else to give back.
        }
    }
}
