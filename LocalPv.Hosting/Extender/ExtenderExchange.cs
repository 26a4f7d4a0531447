using System.Buffers;
using System.Text.Json;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Units;
using Microsoft.AspNetCore.Http;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// One call of the scheduler from its first byte to its last. Its memory is used again by later calls, so that a call makes no garbage
/// that grows with the nodes; a body beyond the usual size gives its memory back.
/// </summary>
internal sealed class ExtenderExchange(IExtenderAnswers answers, Func<Instant> clock, ExtenderHttpOptions options)
{
    private const int UsualBytes = 1 << 20;

    // A body that says that it is large gets so many times the memory that it has filled: a few steps, and nothing for a mere promise.
    private const int GrowthOfAnnounced = 4;

    // How much of an answer is gathered before it is sent: the answers by names fit.
    private const int PieceBytes = 512 << 10;

    private readonly BracketScanner _scanner = new();
    private readonly ExtenderCall _call = new();
    private readonly ReasonTexts _reasons = new();
    private readonly AnswerBuffer _answer = new();
    private byte[] _body = [];
    private int _length;
    private NodeVerdict[] _verdicts = [];
    private byte[] _scores = [];

    /// <summary>Answers a filter.</summary>
    public async Task FilterAsync(HttpContext context)
    {
        try
        {
            if (await TryReadAsync(context).ConfigureAwait(false))
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

    /// <summary>Answers a prioritize.</summary>
    public async Task PrioritizeAsync(HttpContext context)
    {
        try
        {
            if (!await TryReadAsync(context).ConfigureAwait(false))
            {
                return;
            }

            if (Rate() is { Length: > 0 } error)
            {
                await FailAsync(context, StatusCodes.Status503ServiceUnavailable, error).ConfigureAwait(false);
                return;
            }

            context.Response.ContentType = "application/json";
            ExtenderAnswerWriter.WriteScores(_answer, _body.AsSpan(0, _length), _call, _scores.AsSpan(0, _call.Count));
            await FinishAsync(context).ConfigureAwait(false);
        }
        finally
        {
            Release();
        }
    }

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

        return answers.Judge(clock(), _call.Pod, _call.Names(_body.AsSpan(0, _length)), _verdicts);
    }

    private string Rate()
    {
        if (_scores.Length < _call.Count)
        {
            _scores = new byte[Math.Max(_call.Count, 2 * _scores.Length)];
        }

        return answers.Rate(clock(), _call.Pod, _call.Names(_body.AsSpan(0, _length)), _scores);
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
                _answer.Add(_body.AsSpan(passed.Start, passed.Length));
                continue;
            }

            // Much of whole nodes: straight from the request.
            await FlushAsync(context).ConfigureAwait(false);
            for (var sent = 0; sent < passed.Length; sent += PieceBytes)
            {
                var piece = _body.AsMemory(passed.Start + sent, Math.Min(PieceBytes, passed.Length - sent));
                await context.Response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            }
        }

        ExtenderAnswerWriter.WriteFilterTail(
            _answer, _body.AsSpan(0, _length), _call, judgement, _verdicts.AsSpan(0, verdicts), _reasons);
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
        _answer.Clear(UsualBytes);
    }

    // Reads the body while looking for its brackets; answers and returns false where it is not a request.
    private async Task<bool> TryReadAsync(HttpContext context)
    {
        _scanner.Reset();
        _length = 0;
        try
        {
            if (await ReadBodyAsync(context).ConfigureAwait(false))
            {
                _call.Read(_body.AsSpan(0, _length), _scanner);
                return true;
            }

            await FailAsync(
                context,
                StatusCodes.Status413PayloadTooLarge,
                $"The request is larger than {options.BodyBytesMax} bytes. Set nodeCacheCapable: true for this extender in the scheduler's "
                    + "configuration, so that it sends the names of nodes only, or raise the extender's limit.").ConfigureAwait(false);
        }
        catch (Exception error) when (error is MalformedRequestException or JsonException or InvalidOperationException)
        {
            var message = $"This is not a request of kube-scheduler: {error.Message}";
            await FailAsync(context, StatusCodes.Status400BadRequest, message).ConfigureAwait(false);
        }

        return false;
    }

    private async Task<bool> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > options.BodyBytesMax)
        {
            return false;
        }

        var announced = (int)(context.Request.ContentLength ?? 0);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            var buffer = read.Buffer;
            if (_length + buffer.Length > options.BodyBytesMax)
            {
                reader.AdvanceTo(buffer.End);
                return false;
            }

            Reserve(_length + (int)buffer.Length, announced);
            buffer.CopyTo(_body.AsSpan(_length));
            _length += (int)buffer.Length;
            reader.AdvanceTo(buffer.End);
            _scanner.Advance(_body.AsSpan(0, _length), read.IsCompleted);
            if (read.IsCompleted)
            {
                return true;
            }
        }
    }

    // What is announced may never come: memory follows what is there.
    private void Reserve(int length, int announced)
    {
        if (length <= _body.Length)
        {
            return;
        }

        var next = announced >= length
            ? Math.Min(announced, Math.Max(UsualBytes, GrowthOfAnnounced * (long)_length))
            : Math.Min(2L * _body.Length, int.MaxValue / 2);
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(length, next));
        _body.AsSpan(0, _length).CopyTo(larger);
        GiveBack();
        _body = larger;
    }

    private void Release()
    {
        _reasons.Clear();
        _answer.Clear(UsualBytes);
        Array.Clear(_verdicts, 0, Math.Min(_verdicts.Length, _call.Count));
        if (_body.Length > UsualBytes)
        {
            GiveBack();
        }
    }

    private void GiveBack()
    {
        if (_body.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_body);
            _body = [];
        }
    }
}
