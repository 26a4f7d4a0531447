using System.Text.Json;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Units;
using Microsoft.AspNetCore.Http;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// One call of the scheduler from its body to the last byte of the answer. Its memory is used again by later calls, so that a call makes no
/// garbage that grows with the nodes; beyond the usual size it is given back.
/// </summary>
internal sealed class ExtenderExchange(IExtenderAnswers answers, Func<Instant> clock, ExtenderHttpOptions options)
{
    private const int KeptBytes = 1 << 20;

    // Those of 16,000 nodes.
    private const int KeptNodes = 16 << 10;

    // How much of an answer is gathered before it is sent: the answers by names fit.
    private const int PieceBytes = 512 << 10;

    // The same of scores. The server sends that while the next is written, and does not yet make us wait: it does from 64 KiB on.
    private const int ScoresBytes = 48 << 10;

    private static readonly RequestBody Nothing = new();

    private readonly BracketScanner _scanner = new();
    private readonly ExtenderCall _call = new();
    private readonly ReasonTexts _reasons = new();
    private readonly AnswerBuffer _answer = new();
    private RequestBody _body = Nothing;
    private NodeVerdict[] _verdicts = [];
    private byte[] _scores = [];

    /// <summary>Answers a filter, once the rest of <paramref name="body"/> has come.</summary>
    public async Task FilterAsync(HttpContext context, RequestBody body)
    {
        try
        {
            if (await TryReadAsync(context, body).ConfigureAwait(false))
            {
                var judgement = Judge();
                await SendFilterAsync(context, judgement).ConfigureAwait(false);
            }
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Answers a prioritize, once the rest of <paramref name="body"/> has come.</summary>
    public async Task PrioritizeAsync(HttpContext context, RequestBody body)
    {
        try
        {
            if (!await TryReadAsync(context, body).ConfigureAwait(false))
            {
                return;
            }

            if (Rate() is { Length: > 0 } error)
            {
                await FailAsync(context, StatusCodes.Status503ServiceUnavailable, error).ConfigureAwait(false);
                return;
            }

            await SendScoresAsync(context).ConfigureAwait(false);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Answers that the body is larger than any that is read.</summary>
    public static Task FailTooLargeAsync(HttpContext context, ExtenderHttpOptions options) =>
        FailTooLargeAsync(context, $"The request is larger than {options.BodyBytesMax} bytes.");

    /// <summary>Answers with a status and a sentence.</summary>
    public static async Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(PlainText.Of(message) + "\n", context.RequestAborted).ConfigureAwait(false);
    }

    private Judgement Judge()
    {
        if (_verdicts.Length < _call.Count)
        {
            _verdicts = new NodeVerdict[Math.Max(_call.Count, 2 * _verdicts.Length)];
        }

        return answers.Judge(clock(), _call.Pod, _call.Names(_body.Text), _verdicts);
    }

    private string Rate()
    {
        if (_scores.Length < _call.Count)
        {
            _scores = new byte[Math.Max(_call.Count, 2 * _scores.Length)];
        }

        return answers.Rate(clock(), _call.Pod, _call.Names(_body.Text), _scores);
    }

    private async Task SendFilterAsync(HttpContext context, Judgement judgement)
    {
        var verdicts = judgement.PassesAll || judgement.Error.Length > 0 ? 0 : _call.Count;
        var next = judgement.Error.Length > 0 ? _call.Count : 0;
        var first = true;
        context.Response.ContentType = "application/json";
        ExtenderAnswerWriter.WriteFilterHead(_answer, _call.HasWholeNodes);
        while (ExtenderAnswerWriter.TryNextPassed(_call.Items, _verdicts.AsSpan(0, verdicts), ref next, out var passed))
        {
            if (!first)
            {
                _answer.Add(","u8);
            }

            first = false;
            if (_answer.Length + passed.Length <= PieceBytes)
            {
                _answer.Add(_body.Text.Slice(passed.Start, passed.Length));
                continue;
            }

            // Much of whole nodes: straight from the request.
            await FlushAsync(context).ConfigureAwait(false);
            for (var sent = 0; sent < passed.Length; sent += PieceBytes)
            {
                var piece = _body.Part(passed.Start + sent, Math.Min(PieceBytes, passed.Length - sent));
                await context.Response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            }
        }

        ExtenderAnswerWriter.WriteFilterMiddle(_answer, _call.HasWholeNodes);
        var from = judgement.Rejected > 0 ? 0 : verdicts;
        for (first = true; from < verdicts;)
        {
            ExtenderAnswerWriter.WriteRejected(
                _answer,
                PieceBytes,
                _body.Text,
                _call,
                judgement,
                _verdicts.AsSpan(0, verdicts),
                _reasons,
                ref from,
                ref first);
            if (_answer.Length >= PieceBytes)
            {
                await FlushAsync(context).ConfigureAwait(false);
            }
        }

        ExtenderAnswerWriter.WriteFilterTail(_answer, judgement);
        await FinishAsync(context).ConfigureAwait(false);
    }

    // In pieces: the first are on their way while the next are written.
    private async Task SendScoresAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = ExtenderAnswerWriter.LengthOfScores(_call, _scores.AsSpan(0, _call.Count));
        for (var next = 0; ;)
        {
            next = ExtenderAnswerWriter.WriteScores(_answer, ScoresBytes, _body.Text, _call, _scores.AsSpan(0, _call.Count), next);
            if (next == _call.Count)
            {
                break;
            }

            await FlushAsync(context).ConfigureAwait(false);
        }

        await FinishAsync(context).ConfigureAwait(false);
    }

    private async Task FinishAsync(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentLength = _answer.Length;
        }

        await FlushAsync(context).ConfigureAwait(false);
    }

    private async Task FlushAsync(HttpContext context)
    {
        await context.Response.Body.WriteAsync(_answer.Written, context.RequestAborted).ConfigureAwait(false);
        _answer.Clear(KeptBytes);
    }

    private static Task FailTooLargeAsync(HttpContext context, string what) => FailAsync(
        context,
        StatusCodes.Status413PayloadTooLarge,
        what + " Set nodeCacheCapable: true for this extender in the scheduler's configuration, so that it sends the names of nodes only.");

    // Reads the body while looking for its brackets; answers and returns false where it is not a request.
    private async Task<bool> TryReadAsync(HttpContext context, RequestBody body)
    {
        _body = body;
        try
        {
            if (await ReadBodyAsync(context).ConfigureAwait(false))
            {
                _call.Read(_body.Text, _scanner);
                return true;
            }

            await FailTooLargeAsync(context, options).ConfigureAwait(false);
        }
        catch (RequestTooLargeException error)
        {
            await FailTooLargeAsync(context, error.Message).ConfigureAwait(false);
        }
        catch (Exception error) when (error is MalformedRequestException or JsonException or InvalidOperationException)
        {
            var message = $"This is not a request of kube-scheduler: {error.Message}";
            await FailAsync(context, StatusCodes.Status400BadRequest, message).ConfigureAwait(false);
        }

        return false;
    }

    private async ValueTask<bool> ReadBodyAsync(HttpContext context)
    {
        _scanner.Advance(_body.Text, _body.IsWhole);
        await _body.ReadAsync(context.Request.BodyReader, options.BodyBytesMax, _scanner, context.RequestAborted).ConfigureAwait(false);
        return _body.IsWhole;
    }

    private void Release()
    {
        _body = Nothing;
        _scanner.Reset();
        _reasons.Clear();
        _answer.Clear(KeptBytes);
        Array.Clear(_verdicts, 0, Math.Min(_verdicts.Length, _call.Count));
        _verdicts = _verdicts.Length > KeptNodes ? [] : _verdicts;
        _call.Clear();
    }
}
