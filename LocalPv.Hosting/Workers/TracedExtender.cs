using System.Collections.Immutable;
using System.Text;
using LocalPv.Core.Agents;
using LocalPv.Core.Placement;
using LocalPv.Core.Traces;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// An extender whose every step, every question and every answer is written to a trace, in the order in which it met them: questions come
/// from several threads, and an answer hangs on what was heard and answered before.
/// </summary>
internal sealed class TracedExtender(ExtenderAgent agent, TraceFile trace) : IAgent, IExtenderAnswers
{
    private readonly Lock _gate = new();
    private ImmutableArray<string> _nodes;

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        lock (_gate)
        {
            return new TracedAgent(agent, trace).Step(now, happened);
        }
    }

    /// <inheritdoc/>
    public Judgement Judge(Instant now, PodToPlace pod, NodeNames names, Span<NodeVerdict> verdicts)
    {
        lock (_gate)
        {
            var judgement = agent.Judge(now, pod, names, verdicts);
            Note(now, TraceQuestion.Filter, pod, names, TraceQuestion.Answer(judgement, verdicts[..names.Count]));
            return judgement;
        }
    }

    /// <inheritdoc/>
    public string Rate(Instant now, PodToPlace pod, NodeNames names, Span<byte> scores)
    {
        lock (_gate)
        {
            var error = agent.Rate(now, pod, names, scores);
            Note(now, TraceQuestion.Prioritize, pod, names, TraceQuestion.Answer(error, scores[..names.Count]));
            return error;
        }
    }

    private void Note(Instant now, string verb, PodToPlace pod, NodeNames names, Core.Kubernetes.Json.JsonMap answer)
    {
        var nodes = ImmutableArray.CreateBuilder<string>(names.Count);
        for (var index = 0; index < names.Count; index++)
        {
            nodes.Add(Encoding.UTF8.GetString(names[index]));
        }

        var question = new TraceQuestion(verb, pod, nodes.MoveToImmutable());
        trace.AddQuestion(now, question.Write(_nodes), answer);
        _nodes = question.Nodes;
    }
}
