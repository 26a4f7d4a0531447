using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LocalPv.Core.Placement;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// Writes answers as kube-scheduler reads them (<c>k8s.io/kube-scheduler/extender/v1</c>): Go's own names, unused parts null. Nodes that
/// pass are the request's own bytes, neighbours in one piece.
/// </summary>
internal static class ExtenderAnswerWriter
{
    // Names and reasons: small beside the buffers' usual size.
    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create(
        [(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(control => (byte)control)]);

    private const int ScoreMax = 10;

    // More than a name with what follows it: each of 253 characters may be an escape of six.
    private const int ScoredNameMax = 2048;

    // What stands between a name and the next, by the score of the first. Each takes as much room, so that all are copied alike.
    private const int JointRoom = 32;
    private static readonly int[] JointLengths = [.. Enumerable.Range(0, ScoreMax + 1).Select(score => Joint(score).Length)];
    private static readonly byte[] Joints =
        [.. Enumerable.Range(0, ScoreMax + 1).SelectMany(score => Encoding.ASCII.GetBytes(Joint(score).PadRight(JointRoom)))];

    /// <summary>The answer to a filter up to the nodes that pass.</summary>
    public static void WriteFilterHead(AnswerBuffer output, bool wholeNodes) =>
        output.Add(wholeNodes ? "{\"Nodes\":{\"metadata\":{},\"items\":["u8 : "{\"Nodes\":null,\"NodeNames\":["u8);

    /// <summary>
    /// The next nodes that pass from <paramref name="from"/> on, neighbours together with what separates them; false where there is none.
    /// <paramref name="from"/> moves behind them. No verdicts: all pass.
    /// </summary>
    public static bool TryNextPassed(
        ReadOnlySpan<TextPart> items, ReadOnlySpan<NodeVerdict> verdicts, ref int from, out TextPart passed)
    {
        while (from < verdicts.Length && verdicts[from].Kind != VerdictKind.Fits)
        {
            from++;
        }

        if (from == items.Length)
        {
            passed = default;
            return false;
        }

        var start = items[from].Start;
        from++;
        while (verdicts.IsEmpty ? from < items.Length : from < verdicts.Length && verdicts[from].Kind == VerdictKind.Fits)
        {
            from++;
        }

        passed = new TextPart(start, items[from - 1].Start + items[from - 1].Length - start);
        return true;
    }

    /// <summary>The answer to a filter between the nodes that pass and those that do not.</summary>
    public static void WriteFilterMiddle(AnswerBuffer output, bool wholeNodes) =>
        output.Add(wholeNodes
            ? "]},\"NodeNames\":null,\"FailedNodes\":{},\"FailedAndUnresolvableNodes\":{"u8
            : "],\"FailedNodes\":{},\"FailedAndUnresolvableNodes\":{"u8);

    /// <summary>
    /// The nodes that do not pass, with the reasons, from <paramref name="from"/> on until the output holds <paramref name="bytes"/> or
    /// there are no more; <paramref name="from"/> moves behind them. <paramref name="first"/>: whether none was written yet.
    /// </summary>
    public static void WriteRejected(
        AnswerBuffer output,
        int bytes,
        ReadOnlySpan<byte> request,
        ExtenderCall call,
        Judgement judgement,
        ReadOnlySpan<NodeVerdict> verdicts,
        ReasonTexts reasons,
        ref int from,
        ref bool first)
    {
        var names = call.Names(request);
        var exact = judgement.Rejected <= VerdictText.ExactMax;
        for (; from < verdicts.Length && output.Length < bytes; from++)
        {
            if (verdicts[from].Kind == VerdictKind.Fits)
            {
                continue;
            }

            if (!first)
            {
                output.Add(","u8);
            }

            first = false;
            WriteName(output, names[from]);
            output.Add(":"u8);
            output.Add(reasons.Of(verdicts[from], judgement.Claims.AsSpan(), names[from], exact));
        }
    }

    /// <summary>The end of the answer to a filter.</summary>
    public static void WriteFilterTail(AnswerBuffer output, Judgement judgement)
    {
        output.Add("},\"Error\":\""u8);
        if (judgement.Error.Length > 0)
        {
            output.Add(JsonEncodedText.Encode(judgement.Error, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        }

        output.Add("\"}"u8);
    }

    /// <summary>How long the answer to a prioritize is where the names stand in it as they came; null where they may not.</summary>
    public static long? LengthOfScores(ExtenderCall call, ReadOnlySpan<byte> scores)
    {
        if (call.HasWholeNodes)
        {
            return null;
        }

        var length = scores.IsEmpty ? 2L : 1L;
        var items = call.Items;
        for (var i = 0; i < scores.Length; i++)
        {
            length += items[i].Length + JointLengths[scores[i]];
        }

        return length;
    }

    /// <summary>
    /// The answer to a prioritize, from one node on until the output holds <paramref name="bytes"/> or there are no more; which node is
    /// next.
    /// </summary>
    public static int WriteScores(
        AnswerBuffer output, int bytes, ReadOnlySpan<byte> request, ExtenderCall call, ReadOnlySpan<byte> scores, int from)
    {
        if (from == 0)
        {
            output.Add(scores.IsEmpty ? "[]"u8 : "[{\"Host\":"u8);
        }

        var next = call.HasWholeNodes
            ? WriteScoresOfNodes(output, bytes, call.Names(request), scores, from)
            : WriteScoresOfNames(output, bytes, request, call.Items, scores, from);
        if (next == scores.Length && next > 0)
        {
            output.TakeBack(",{\"Host\":"u8.Length);
            output.Add("]"u8);
        }

        return next;
    }

    private static int WriteScoresOfNodes(AnswerBuffer output, int bytes, NodeNames names, ReadOnlySpan<byte> scores, int from)
    {
        var i = from;
        for (; i < scores.Length && output.Length < bytes; i++)
        {
            WriteName(output, names[i]);
            output.Add(Joints.AsSpan(scores[i] * JointRoom, JointLengths[scores[i]]));
        }

        return i;
    }

    private static int WriteScoresOfNames(
        AnswerBuffer output, int bytes, ReadOnlySpan<byte> request, ReadOnlySpan<TextPart> items, ReadOnlySpan<byte> scores, int from)
    {
        // Room for all of them, so that none is asked for at each of thousands of names.
        var room = output.GetSpan(bytes + ScoredNameMax);
        var most = bytes - output.Length;
        var at = 0;
        var i = from;
        for (; i < scores.Length && at < most; i++)
        {
            var name = request.Slice(items[i].Start, items[i].Length);
            name.CopyTo(room[at..]);
            at += name.Length;
            Joints.AsSpan(scores[i] * JointRoom, JointRoom).CopyTo(room[at..]);
            at += JointLengths[scores[i]];
        }

        output.Advance(at);
        return i;
    }

    private static string Joint(int score) => string.Create(CultureInfo.InvariantCulture, $",\"Score\":{score}}},{{\"Host\":");

    private static void WriteName(AnswerBuffer output, ReadOnlySpan<byte> name)
    {
        if (name.ContainsAny(NeedsEscape))
        {
            output.Add("\""u8);
            output.Add(JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            output.Add("\""u8);
            return;
        }

        var span = output.GetSpan(name.Length + 2);
        span[0] = (byte)'"';
        name.CopyTo(span[1..]);
        span[name.Length + 1] = (byte)'"';
        output.Advance(name.Length + 2);
    }
}
