using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using LocalPv.Core.Agents;
using LocalPv.Core.Placement;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Security;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv extender</c>: tells kube-scheduler which nodes have room.</summary>
internal static class ExtenderCommand
{
    private static readonly ExtenderOptions Defaults = new();

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterFlags();
        var log = new LogFlags(LogLevel.Information);
        var operations = new OperationsFlags();
        var tls = new TlsFlags();
        var trace = new TraceFlags();
        var listen = new Option<string>("--listen")
        {
            Description = "The address and port to listen on; the scheduler's configuration names http(s)://HOST:PORT/scheduler.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => "[::]:8900",
        };
        var provisioner = new Option<string>("--provisioner")
        {
            Description = "The provisioner of the StorageClasses to answer about.",
            DefaultValueFactory = _ => Defaults.Provisioner,
        };
        var score = new Option<ScoreRule>("--score")
        {
            Description = "Which nodes are liked best: spread for those with most room, pack for those with least.",
            DefaultValueFactory = _ => Defaults.Score,
        };
        var capacityNamespace = new Option<string>("--capacity-namespace")
        {
            Description = "The namespace of the CSIStorageCapacity objects, as the agents have it; empty where there are none.",
            DefaultValueFactory = _ => Defaults.CapacityNamespace,
        };
        var command = new Command("extender", "Answer kube-scheduler: which nodes have room for a Pod's claims, and where best.")
        {
            listen, provisioner, score, capacityNamespace,
        };
        tls.AddTo(command);
        trace.AddTo(command);
        operations.AddTo(command);
        cluster.AddTo(command);
        log.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var options = Defaults with
            {
                Provisioner = ServiceFlags.Provisioner(errors, parsed.GetValue(provisioner)),
                Score = parsed.GetValue(score),
                CapacityNamespace = parsed.GetValue(capacityNamespace) ?? "",
                Reflector = Defaults.Reflector with { Spread = ServiceFlags.SpreadOf(Environment.MachineName) },
            };
            var endpoint = OperationsFlags.Endpoint(errors, "--listen", parsed.GetValue(listen) ?? "");
            var (traceFile, traceMax) = trace.Read(parsed, errors);
            var health = operations.Read(parsed, errors);
            var connection = cluster.Find(parsed, errors);
            using var logs = LoggerFactory.Create(logging => log.Configure(parsed, logging));
            using var certificate = tls.Open(parsed, errors, TimeProvider.System, logs.CreateLogger("localpv.tls"));
            if (connection is null || endpoint is null || errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            var builder = Host.CreateEmptyApplicationBuilder(null);
            log.Configure(parsed, builder.Logging);
            builder.Services.AddExtender(connection, options, () => certificate?.Problem ?? "").AddHostedService<HeapTrim>();
            if (traceFile.Length > 0)
            {
                builder.Services.AddTrace(traceFile, traceMax, options);
            }

            return ServiceRun.Build(builder, out var problem) is { } host
                ? await RunAsync(parsed, host, endpoint, certificate, health, cancellationToken).ConfigureAwait(false)
                : CommandLine.Failed(parsed, problem);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        IHost host,
        IPEndPoint endpoint,
        CertificateFiles? certificate,
        IPEndPoint? health,
        CancellationToken cancellationToken)
    {
        // The lists of the cluster are what a start takes: they begin before the listeners are made, beside which they come.
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
        ExtenderServer server;
        try
        {
            var clock = host.Services.GetRequiredService<AgentClock>();
            server = await ExtenderServer.StartAsync(
                host.Services.GetRequiredService<ExtenderAgent>(),
                () => clock.Now,
                endpoint,
                cancellationToken,
                certificate is null ? null : () => certificate.Current,
                host.Services.GetRequiredService<LocalPvMetrics>(),
                host.Services.GetService<IExtenderAnswers>()).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            host.Dispose();
            return CommandLine.Failed(parsed, $"--listen {endpoint}: {error.Message} Choose another address or port.");
        }

        await using (server.ConfigureAwait(false))
        {
            // Before the agent: while one listens, what is promised is kept in step with the cluster.
            return await ServiceRun.UntilStoppedAsync(parsed, host, health, cancellationToken, endFirst: server.DisposeAsync)
                .ConfigureAwait(false);
        }
    }
}
