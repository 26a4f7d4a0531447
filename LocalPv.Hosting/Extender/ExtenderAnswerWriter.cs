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

    // Every score with the bracket after it.
    private static readonly byte[][] Digits =
        [.. Enumerable.Range(0, 11).Select(score => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{score}}}")))];

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

    /// <summary>
    /// The answer to a prioritize, from one node on until the output holds <paramref name="bytes"/> or there are no more; which node is
    /// next.
    /// </summary>
    public static int WriteScores(
        AnswerBuffer output, int bytes, ReadOnlySpan<byte> request, ExtenderCall call, ReadOnlySpan<byte> scores, int from)
    {
        var names = call.Names(request);
        if (from == 0)
        {
            output.Add("["u8);
        }

        var i = from;
        for (; i < scores.Length && output.Length < bytes; i++)
        {
            if (call.HasWholeNodes)
            {
                output.Add(i == 0 ? "{\"Host\":"u8 : ",{\"Host\":"u8);
                WriteName(output, names[i]);
                output.Add(",\"Score\":"u8);
                output.Add(Digits[scores[i]]);
            }
            else
            {
                var name = request.Slice(call.Items[i].Start, call.Items[i].Length);
                var digits = Digits[scores[i]].AsSpan();
                var size = 9 + name.Length + 9 + digits.Length;
                var piece = output.GetSpan(size)[..size];
                ",{\"Host\":"u8.CopyTo(piece);
                name.CopyTo(piece[9..]);
                ",\"Score\":"u8.CopyTo(piece[(9 + name.Length)..]);
                digits.CopyTo(piece[(18 + name.Length)..]);

                // Nothing separates the first from what was before it.
                if (i == 0)
                {
                    piece[1..].CopyTo(piece);
                    size--;
                }

                output.Advance(size);
            }
        }

        if (i == scores.Length)
        {
            output.Add("]"u8);
        }

        return i;
    }

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
