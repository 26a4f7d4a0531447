using System.Collections.Concurrent;
using LocalPv.Hosting.Cli;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Tests.Cli;

/// <summary>The end of a service that is asked to stop.</summary>
[Collection("Metrics")]
public sealed class ServiceRunTests
{
    [Fact]
    public async Task Stop_OfAServiceThatListens_EndsTheListenerWhileTheRestStillRuns()
    {
        var order = new ConcurrentQueue<string>();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ProcessFate>().AddHostedService(_ => new Noted(order));
        var host = builder.Build();
        await host.StartAsync();
        using var stop = new CancellationTokenSource();
        var drained = new TaskCompletionSource();
        var running = ServiceRun.UntilStoppedAsync(
            CommandLine.Create().Parse(["extender"]), host, operations: null, stop.Token, endFirst: async () =>
            {
                order.Enqueue("no more calls");
                await drained.Task;
                order.Enqueue("all answered");
            });
        Assert.Empty(order);
        await stop.CancelAsync();
        drained.SetResult();
        Assert.Equal(ExitCode.Done, await running.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(["no more calls", "all answered", "the services end"], order);
    }

    [Fact]
    public async Task Service_ThatFails_EndsTheProcessAsABug()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ProcessFate>().AddHostedService<Failing>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var code = await ServiceRun.UntilStoppedAsync(
            CommandLine.Create().Parse(["controller"]), builder, operations: null, stop.Token);
        Assert.Equal(ExitCode.Bug, code);
    }

    private sealed class Failing : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new NotSupportedException("odd");
        }
    }

    private sealed class Noted(ConcurrentQueue<string> order) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            order.Enqueue("the services end");
            return Task.CompletedTask;
        }
    }
}
