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
        endpoints.MapPost("/scheduler/filter", context => service.RunAsync(context, static (call, context) => call.FilterAsync(context)));
        endpoints.MapPost(
            "/scheduler/prioritize", context => service.RunAsync(context, static (call, context) => call.PrioritizeAsync(context)));
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
        private readonly ConcurrentBag<ExtenderExchange> _exchanges = [];

        public async Task RunAsync(HttpContext context, Func<ExtenderExchange, HttpContext, Task> answer)
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

            await _free.WaitAsync(context.RequestAborted).ConfigureAwait(false);
            try
            {
                var exchange = _exchanges.TryTake(out var used) ? used : new ExtenderExchange(answers, clock, options);
                await answer(exchange, context).ConfigureAwait(false);
                _exchanges.Add(exchange);
            }
            finally
            {
                _free.Release();
            }
        }
    }
}
