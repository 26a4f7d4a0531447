using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Placement;

namespace LocalPv.Core.Traces;

/// <summary>
/// What the scheduler asked the extender, in a trace. The nodes are written only where they are not those of the question before: a
/// scheduler asks about the same ones for most Pods, and there may be thousands.
/// </summary>
/// <param name="Verb"><see cref="Filter"/> or <see cref="Prioritize"/>.</param>
/// <param name="Pod">The Pod.</param>
/// <param name="Nodes">The names of the nodes.</param>
public sealed record TraceQuestion(string Verb, PodToPlace Pod, ImmutableArray<string> Nodes)
{
    /// <summary>On which nodes does its storage fit?</summary>
    public const string Filter = "filter";

    /// <summary>How well do the nodes suit?</summary>
    public const string Prioritize = "prioritize";

    /// <summary>The question as the event of a step.</summary>
    /// <param name="before">The nodes of the question before.</param>
    public JsonMap Write(ImmutableArray<string> before) => JsonMap.Of(
        ("is", Verb),
        ("pod", JsonMap.Of(
            ("namespace", Pod.Namespace), ("name", Pod.Name), ("uid", Pod.Uid), ("claims", JsonList.OfTexts(Pod.ClaimNames)))),
        ("nodes", !before.IsDefault && before.SequenceEqual(Nodes) ? null : JsonList.OfTexts(Nodes)));

    /// <summary>The question of a step, or null where its event is none; throws <see cref="TraceException"/> where it is garbled.</summary>
    /// <param name="step">The step's line.</param>
    /// <param name="before">The nodes of the question before.</param>
    public static TraceQuestion? Read(JsonMap step, ImmutableArray<string> before)
    {
        if (step.Map("event") is not { } tree || tree.Text("is") is not { } verb || verb is not (Filter or Prioritize))
        {
            return null;
        }

        if (tree.Map("pod") is not { } pod || pod.List("claims") is not { } claims)
        {
            throw new TraceException($"this question is about no Pod: {tree}");
        }

        ImmutableArray<string> nodes = tree.List("nodes") is { } list ? [.. list.Texts()] : before;
        return new TraceQuestion(
            verb,
            new PodToPlace(pod.Text("namespace") ?? "", pod.Text("name") ?? "", pod.Text("uid") ?? "", [.. claims.Texts()]),
            nodes.IsDefault ? throw new TraceException("this question is about no nodes.") : nodes);
    }

    /// <summary>The answer to a filter: neighbours with the same verdict in one piece.</summary>
    public static JsonMap Answer(Judgement judgement, ReadOnlySpan<NodeVerdict> verdicts)
    {
        if (judgement.Error.Length > 0 || judgement.PassesAll)
        {
            return JsonMap.Of(("error", judgement.Error), ("all", judgement.PassesAll));
        }

        var runs = new Runs();
        foreach (var verdict in verdicts)
        {
            runs.Add(verdict.Kind == VerdictKind.Fits ? "Fits" : $"{verdict.Kind} {verdict.Claim} {verdict.Available} {verdict.Needed}");
        }

        return JsonMap.Of(("verdicts", runs.ToTree()));
    }

    /// <summary>The answer to a prioritize: neighbours with the same score in one piece.</summary>
    public static JsonMap Answer(string error, ReadOnlySpan<byte> scores)
    {
        var runs = new Runs();
        foreach (var score in error.Length > 0 ? [] : scores)
        {
            runs.Add(score.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return error.Length > 0 ? JsonMap.Of(("error", error)) : JsonMap.Of(("scores", runs.ToTree()));
    }

    private sealed class Runs
    {
        private readonly ImmutableArray<JsonTree>.Builder _done = ImmutableArray.CreateBuilder<JsonTree>();
        private string _text = "";
        private long _count;

        internal void Add(string text)
        {
            if (_count > 0 && text != _text)
            {
                End();
            }

            _text = text;
            _count++;
        }

        internal JsonList ToTree()
        {
            if (_count > 0)
            {
                End();
            }

            return new JsonList(_done.ToImmutable());
        }

        private void End()
        {
            _done.Add(JsonMap.Of(("nodes", _count), ("is", _text)));
            _count = 0;
        }
    }
}
