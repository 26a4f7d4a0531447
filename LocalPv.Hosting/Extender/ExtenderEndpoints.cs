using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace LocalPv.Hosting.Extender;

/// <summary>The extender over HTTP, as kube-scheduler calls it.</summary>
public static class ExtenderEndpoints
{
    /// <summary>
    /// Maps <c>POST /scheduler/filter</c> and <c>/scheduler/prioritize</c>, <c>GET /readyz</c> and <c>/healthz</c>. A question that cannot
    /// be answered yet gets 503, a malformed one 400, one that is too large 413: the scheduler takes each as an error and tries again.
    /// </summary>
    public static IEndpointRouteBuilder MapExtender(
        this IEndpointRouteBuilder endpoints,
        ExtenderAgent agent,
        Func<Instant> clock,
        ExtenderHttpOptions? options = null,
        IExtenderAnswers? answers = null)
    {
        var service = new ExtenderService(agent, answers ?? agent, clock, options ?? new ExtenderHttpOptions());
        endpoints.MapPost(
            "/scheduler/filter",
            context => service.RunAsync(context, static (call, context, body) => call.FilterAsync(context, body)));
        endpoints.MapPost(
            "/scheduler/prioritize",
            context => service.RunAsync(context, static (call, context, body) => call.PrioritizeAsync(context, body)));
        endpoints.MapGet("/healthz", static context => context.Response.WriteAsync("ok\n", context.RequestAborted));
        endpoints.MapGet("/readyz", context => agent.IsReady
            ? context.Response.WriteAsync("ok\n", context.RequestAborted)
            : ExtenderExchange.FailAsync(context, StatusCodes.Status503ServiceUnavailable, ExtenderService.NotReady));
        return endpoints;
    }

    [SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle to give back, and lives as long as the process.")]
    private sealed class ExtenderService(
        ExtenderAgent agent, IExtenderAnswers answers, Func<Instant> clock, ExtenderHttpOptions options)
    {
        public const string NotReady = "The extender has not seen the whole cluster yet.";

        private readonly SemaphoreSlim _free = new(options.CallsMax);
        private readonly BodyMemory _memory = new(options.LargeBytesMax);
        private readonly ConcurrentQueue<ExtenderExchange> _exchanges = new();
        private readonly ConcurrentQueue<RequestBody> _bodies = new();

        public async Task RunAsync(HttpContext context, Func<ExtenderExchange, HttpContext, RequestBody, Task> answer)
        {
            // Until then any answer about nodes would be wrong; an error makes the scheduler ask again.
            if (!agent.IsReady)
            {
                await ExtenderExchange.FailAsync(context, StatusCodes.Status503ServiceUnavailable, NotReady).ConfigureAwait(false);
                return;
            }

            // The limit is ours to check: it has an answer that says what to do.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            {
                feature.MaxRequestBodySize = null;
            }

            if (context.Request.ContentLength > options.BodyBytesMax)
            {
                await ExtenderExchange.FailTooLargeAsync(context, options).ConfigureAwait(false);
            }
            else
            {
                await ReadAsync(context, answer).ConfigureAwait(false);
            }
        }

        // Until the whole of a small body is there, nothing is done about it: who sends it slowly is in nobody's way.
        private async Task ReadAsync(HttpContext context, Func<ExtenderExchange, HttpContext, RequestBody, Task> answer)
        {
            var body = _bodies.TryDequeue(out var used) ? used : new RequestBody();
            var most = Math.Min(options.SmallBytesMax, options.BodyBytesMax);
            await body.ReadAsync(context.Request.BodyReader, most, null, context.RequestAborted).ConfigureAwait(false);
            await (body.IsWhole ? RunSmallAsync(context, body, answer) : RunLargeAsync(context, body, answer)).ConfigureAwait(false);
            body.Clear();
            Keep(_bodies, body);
        }

        private async Task RunSmallAsync(
            HttpContext context, RequestBody body, Func<ExtenderExchange, HttpContext, RequestBody, Task> answer)
        {
            await _free.WaitAsync(context.RequestAborted).ConfigureAwait(false);
            try
            {
                var exchange = Take();
                await answer(exchange, context, body).ConfigureAwait(false);
                Keep(_exchanges, exchange);
            }
            finally
            {
                _free.Release();
            }
        }

        // One that does not say how large it is may become as large as any.
        private async Task RunLargeAsync(
            HttpContext context, RequestBody start, Func<ExtenderExchange, HttpContext, RequestBody, Task> answer)
        {
            var size = (int)(context.Request.ContentLength ?? options.BodyBytesMax);
            var memory = await _memory.RentAsync(size, context.RequestAborted).ConfigureAwait(false);
            try
            {
                var body = new RequestBody(memory);
                body.CopyFrom(start);
                var exchange = Take();
                await answer(exchange, context, body).ConfigureAwait(false);
                Keep(_exchanges, exchange);
            }
            finally
            {
                _memory.Return(memory);
            }
        }

        private ExtenderExchange Take() =>
            _exchanges.TryDequeue(out var used) ? used : new ExtenderExchange(answers, clock, options);

        private void Keep<T>(ConcurrentQueue<T> kept, T used)
        {
            if (kept.Count < options.CallsMax)
            {
                kept.Enqueue(used);
            }
        }
    }
}
