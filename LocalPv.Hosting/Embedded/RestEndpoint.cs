using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LocalPv.Hosting.Embedded;

/// <summary>Carries requests from HTTP to the REST door and answers back; drains watches.</summary>
internal sealed class RestEndpoint(RestApi api, Lock gate, ChangePulse pulse, TimeProvider time, CancellationToken stopping)
{
    // Frames that are taken from a watch at once: bounds how long the gate is held, and how much is buffered for a slow reader.
    private const int FramesPerTurn = 128;

    private static readonly RestResponse TooLarge = RestResponse.Of(413, new StatusError(
        413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728", JsonMap.Empty).ToStatus());

    /// <summary>Serves one request.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        RestResponse response;
        try
        {
            var body = await ReadBodyAsync(context.Request).ConfigureAwait(false);
            response = Ask(context.Request, body);
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            response = TooLarge;
        }

        context.Response.StatusCode = response.Code;
        context.Response.ContentType = response.ContentType;
        context.Response.Headers.CacheControl = "no-cache, private";
        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        if (response.Watch is { } watch)
        {
            await DrainAsync(context, watch).ConfigureAwait(false);
            return;
        }

        context.Response.ContentLength = response.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        if (request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding") && request.HttpContext.Features
                .Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
        {
            return [];
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false);
        return buffer.ToArray();
    }

    private RestResponse Ask(HttpRequest request, byte[] body)
    {
        // The path as it was sent: Kestrel's own is already unescaped, in which a slash inside a name cannot be told from a separator.
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? request.Path.Value ?? "/";
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var asked = new RestRequest(request.Method, question < 0 ? target : target[..question])
        {
            Query = question < 0 ? "" : target[(question + 1)..],
            Accept = request.Headers.Accept.ToString(),
            ContentType = request.ContentType ?? "",
            UserAgent = request.Headers.UserAgent.ToString(),
            Authorization = request.Headers.Authorization.ToString(),
            Body = body,
        };
        lock (gate)
        {
            return api.Serve(Instant.From(time.GetUtcNow()), asked);
        }
    }

    private async Task DrainAsync(HttpContext context, RestWatch watch)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var frames = new List<byte[]>(FramesPerTurn);
        try
        {
            // The headers go out before the first event: a client waits for them to know that it is watching.
            await context.Response.Body.FlushAsync(gone.Token).ConfigureAwait(false);
            while (true)
            {
                var changed = pulse.Next(watch.Plural);
                var (ended, wait) = Take(watch, frames);
                foreach (var frame in frames)
                {
                    await context.Response.Body.WriteAsync(frame, gone.Token).ConfigureAwait(false);
                }

                if (frames.Count > 0)
                {
                    await context.Response.Body.FlushAsync(gone.Token).ConfigureAwait(false);
                }

                if (ended)
                {
                    return;
                }

                if (frames.Count < FramesPerTurn)
                {
                    await WaitAsync(changed, wait, gone.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client or the server is going away; either way there is nobody left to tell.
        }
        finally
        {
            lock (gate)
            {
                watch.Close();
            }
        }
    }

    private (bool Ended, TimeSpan Wait) Take(RestWatch watch, List<byte[]> frames)
    {
        frames.Clear();
        lock (gate)
        {
            var now = Instant.From(time.GetUtcNow());
            while (frames.Count < FramesPerTurn && watch.TryRead(now, out var frame))
            {
                frames.Add(frame);
            }

            var due = watch.DueAt;
            return (watch.HasEnded, due == Instant.Never ? Timeout.InfiniteTimeSpan : due <= now ? TimeSpan.Zero : due - now);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait == Timeout.InfiniteTimeSpan)
        {
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await changed.WaitAsync(wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is time for a bookmark or for the end.
        }
    }
}
