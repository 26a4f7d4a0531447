using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Placement;
using LocalPv.Core.Traces;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Traces;

/// <summary>
/// Lives the life of a production agent again: what happened to it, as its trace says, is fed to the same code, and what that wants done is
/// held against what the trace says was done. Where the two differ, the code is another than the one that was traced, or its decision
/// hangs on something that is not an input.
/// </summary>
public sealed class AgentReplay
{
    /// <summary>After so many steps that differ, the rest says nothing any more.</summary>
    private const int DivergencesMax = 10;

    private readonly TraceCalls _calls = new();
    private readonly ImmutableArray<TraceDivergence>.Builder _divergences = ImmutableArray.CreateBuilder<TraceDivergence>();
    private IAgent? _agent;
    private ImmutableArray<string> _nodes;
    private string _who = "";
    private string _version = "";
    private string? _end;
    private long _steps;
    private int _line;

    private AgentReplay()
    {
    }

    /// <summary>Replays the lines of a trace.</summary>
    public static ReplayResult Run(IEnumerable<string> lines)
    {
        var replay = new AgentReplay();
        string? problem = null;
        try
        {
            foreach (var line in lines)
            {
                replay._line++;
                replay.Take(line);
                if (replay._divergences.Count == DivergencesMax)
                {
                    break;
                }
            }

            problem = replay._line == 0 ? "The trace is empty." : null;
        }
        catch (Exception error) when (error is TraceException or JsonException)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"Line {replay._line} cannot be replayed: {error.Message} The trace is cut off or was changed, or is of another version; "
                + $"{replay._steps} steps before were replayed.");
        }

        return new ReplayResult(
            replay._who, replay._version, replay._steps, replay._divergences.ToImmutable(), replay._end, problem);
    }

    private void Take(string line)
    {
        if (_end is not null)
        {
            throw new TraceException("there is more after the end.");
        }

        var tree = JsonTree.Parse(line) as JsonMap ?? throw new TraceException("this is no JSON object.");
        if (_agent is null)
        {
            Begin(tree);
        }
        else if (tree.Text("end") is { } end)
        {
            _end = end;
        }
        else
        {
            Step(tree);
        }
    }

    private void Begin(JsonMap header)
    {
        var (format, agent) = (header.Text("format"), header.Text("agent"));
        if (format != TraceFormat.Name || agent is not (TraceFormat.NodeAgent or TraceFormat.ClusterAgent or TraceFormat.Extender))
        {
            throw new TraceException(
                $"this is the trace of '{agent}' in the format '{format}'; what can be replayed is '{TraceFormat.NodeAgent}', "
                + $"'{TraceFormat.ClusterAgent}' or '{TraceFormat.Extender}' in '{TraceFormat.Name}'.");
        }

        var settings = header.Map("options") ?? throw new TraceException("the header has no settings.");
        _version = header.Text("version") ?? "";
        if (agent == TraceFormat.NodeAgent)
        {
            var options = NodeAgentOptionsTree.Read(settings);
            (_who, _agent) = (options.Node.Value, new NodeAgent(options));
        }
        else if (agent == TraceFormat.Extender)
        {
            (_who, _agent) = ("extender", new ExtenderAgent(ExtenderOptionsTree.Read(settings)));
        }
        else
        {
            var options = ClusterAgentOptionsTree.Read(settings);
            (_who, _agent) = (options.Identity, AgentOf(options));
        }
    }

    // Settings that contradict each other are refused by the agent itself.
    private static ClusterAgent AgentOf(ClusterAgentOptions options)
    {
        try
        {
            return new ClusterAgent(options);
        }
        catch (ArgumentException contradiction)
        {
            throw new TraceException(contradiction.Message);
        }
    }

    private void Step(JsonMap step)
    {
        if (step.Number("n") != _steps + 1)
        {
            throw new TraceException(string.Create(
                CultureInfo.InvariantCulture, $"this is step {step.Number("n")}, but {_steps + 1} was to come."));
        }

        var now = new Instant(step.Number("at") ?? throw new TraceException("this step has no moment."));
        var question = _agent is ExtenderAgent ? TraceQuestion.Read(step, _nodes) : null;
        var happened = question is null ? TraceFormat.ReadEvent(step, _calls) : null;
        _steps++;
        var recorded = step.Text("failed") is { } failed
            ? [failed]
            : (step.List("effects") ?? throw new TraceException("this step has no effects.")).Select(effect => effect.ToString()).ToList();
        var replayed = Replay(() => question is null ? Effects(now, happened!) : [Answer(now, question)]);
        if (!recorded.SequenceEqual(replayed, StringComparer.Ordinal))
        {
            _divergences.Add(TraceDivergence.Of(_steps, _line, now, step.Map("event")!.ToString(), recorded, replayed));
        }
    }

    private JsonList Effects(Instant now, AgentEvent happened)
    {
        var effects = _agent!.Step(now, happened);
        _calls.Add(effects);
        return TraceFormat.Effects(effects);
    }

    // What the scheduler asked the extender, asked again.
    private JsonMap Answer(Instant now, TraceQuestion question)
    {
        _nodes = question.Nodes;
        var extender = (ExtenderAgent)_agent!;
        var names = question.Nodes.Select(Encoding.UTF8.GetBytes).ToList();
        var start = 0;
        var parts = names.Select(name => new TextPart((start += name.Length) - name.Length, name.Length)).ToArray();
        var nodes = new NodeNames(names.SelectMany(name => name).ToArray(), parts);
        if (question.Verb == TraceQuestion.Filter)
        {
            var verdicts = new NodeVerdict[parts.Length];
            return TraceQuestion.Answer(extender.Judge(now, question.Pod, nodes, verdicts), verdicts);
        }

        var scores = new byte[parts.Length];
        return TraceQuestion.Answer(extender.Rate(now, question.Pod, nodes, scores), scores);
    }

    private static List<string> Replay(Func<IEnumerable<JsonTree>> step)
    {
        try
        {
            return [.. step().Select(effect => effect.ToString())];
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            return [$"{bug.GetType().Name}: {bug.Message}"];
        }
    }
}
