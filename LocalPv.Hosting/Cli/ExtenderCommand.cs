using System.CommandLine;
using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Options;
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
        var listen = new Option<string>("--listen")
        {
            Description = "The address and port to listen on; the scheduler's configuration names http://HOST:PORT/scheduler.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => "0.0.0.0:8900",
        };
        var provisioner = new Option<string>("--provisioner")
        {
            Description = "The provisioner of the StorageClasses to answer about.",
            DefaultValueFactory = _ => Defaults.Provisioner,
        };
        var command = new Command("extender", "Answer kube-scheduler: which nodes have room for a Pod's claims, and where best.")
        {
            listen, provisioner,
        };
        cluster.AddTo(command);
        log.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var options = Defaults with { Provisioner = ServiceFlags.Provisioner(errors, parsed.GetValue(provisioner)) };
            var text = parsed.GetValue(listen) ?? "";
            if (!IPEndPoint.TryParse(text, out var endpoint) || !text.Contains(':', StringComparison.Ordinal))
            {
                errors.Add("--listen", $"'{text}' is not an address and port, such as 0.0.0.0:8900 or [::]:8900.");
            }

            var connection = cluster.Find(parsed, errors);
            if (connection is null || endpoint is null || errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            var builder = Host.CreateEmptyApplicationBuilder(null);
            log.Configure(parsed, builder.Logging);
            builder.Services.AddExtender(connection, options);
            var host = builder.Build();
            ExtenderServer server;
            try
            {
                var clock = host.Services.GetRequiredService<AgentClock>();
                server = await ExtenderServer
                    .StartAsync(host.Services.GetRequiredService<ExtenderAgent>(), () => clock.Now, endpoint, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (IOException error)
            {
                host.Dispose();
                return CommandLine.Failed(parsed, $"--listen {text}: {error.Message} Choose another port.");
            }

            await using (server.ConfigureAwait(false))
            {
                return await ServiceRun.UntilStoppedAsync(host, cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }
}
