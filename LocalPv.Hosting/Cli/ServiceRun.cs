using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using LocalPv.Hosting.Health;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Cli;

/// <summary>Runs a service until it is asked to stop (Ctrl-C, SIGTERM) or finds a bug.</summary>
internal static class ServiceRun
{
    /// <summary>Builds the host, begins its trace where there is to be one, and runs it.</summary>
    public static async Task<int> UntilStoppedAsync(
        ParseResult parsed, HostApplicationBuilder builder, IPEndPoint? operations, CancellationToken cancellationToken)
    {
        return Build(builder, out var problem) is { } host
            ? await UntilStoppedAsync(parsed, host, operations, cancellationToken).ConfigureAwait(false)
            : CommandLine.Failed(parsed, problem);
    }

    /// <summary>Builds the host and begins its trace where there is to be one; null, and what is in the way, where that fails.</summary>
    public static IHost? Build(HostApplicationBuilder builder, out string problem)
    {
        var host = builder.Build();
        problem = TraceFlags.WhyNot(host) ?? "";
        if (problem.Length == 0)
        {
            return host;
        }

        host.Dispose();
        return null;
    }

    /// <summary>
    /// Runs the host, with a listener for its health where one is wanted, and answers with the exit code.
    /// </summary>
    /// <param name="parsed">The command.</param>
    /// <param name="host">The services; disposed at the end.</param>
    /// <param name="operations">Where the listener for health listens; null for none.</param>
    /// <param name="cancellationToken">Asks it to stop, as a signal does.</param>
    /// <param name="endFirst">
    /// For a host that runs already: what is ended while its services still run, as soon as it is asked to stop. Null to start it here.
    /// </param>
    public static async Task<int> UntilStoppedAsync(
        ParseResult parsed, IHost host, IPEndPoint? operations, CancellationToken cancellationToken, Func<ValueTask>? endFirst = null)
    {
        using (host)
        {
            // Running a host disposes it, and its services with it.
            var fate = host.Services.GetRequiredService<ProcessFate>();
            var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var refreshing = Task.CompletedTask;
            OperationsServer? server = null;
            if (operations is not null || MetricsPage.WantsOtlp())
            {
                var state = host.Services.GetRequiredService<ServiceState>();
                var page = host.Services.GetRequiredService<MetricsPage>();
                try
                {
                    refreshing = MetricsPage.WantsOtlp() ? RefreshAsync(state, stop.Token) : Task.CompletedTask;
                    server = operations is null
                        ? null
                        : await OperationsServer.StartAsync(operations, state, page, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (error is IOException or SocketException)
                {
                    return CommandLine.Failed(parsed, $"--operations-listen {operations}: {error.Message} Choose another address or port.");
                }
            }

            try
            {
                await (endFirst is null ? host.RunAsync(cancellationToken) : EndInOrderAsync(host, endFirst, cancellationToken))
                    .ConfigureAwait(false);
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (server is not null)
                {
                    await server.DisposeAsync().ConfigureAwait(false);
                }
            }

            // A host stops when one of its services fails, and says so in the log only.
            var hasFailed = services.Any(service => service.ExecuteTask is { IsFaulted: true });
            return fate.HasBug || hasFailed ? ExitCode.Bug : ExitCode.Done;
        }
    }

    private static async Task EndInOrderAsync(IHost host, Func<ValueTask> endFirst, CancellationToken cancellationToken)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(static it => ((IHostApplicationLifetime)it!).StopApplication(), lifetime))
        using (lifetime.ApplicationStopping.UnsafeRegister(static it => ((TaskCompletionSource)it!).TrySetResult(), stopping))
        {
            await stopping.Task.ConfigureAwait(false);
        }

        await endFirst().ConfigureAwait(false);
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // The page looks when it is asked for; a collector is sent what the last look has seen.
    private static async Task RefreshAsync(ServiceState state, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15));
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            await state.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
