using System.CommandLine;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv agent</c>: the agent of one node.</summary>
internal static class AgentCommand
{
    private static readonly NodeAgentOptions Defaults = new() { Node = NodeName.Parse("default") };

    // Every report is of a scan: with few of them the extender would believe none any more (ExtenderOptions.StaleAfter, 15 minutes).
    private static readonly TimeSpan ScanPeriodMax = TimeSpan.FromMinutes(5);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterFlags();
        var log = new LogFlags(LogLevel.Information);
        var operations = new OperationsFlags();
        var node = new Option<string?>("--node-name")
        {
            Description = "The name of the Node that this machine is. Required.",
            HelpName = "NAME",
        };
        var backend = new Option<StorageBackend>("--backend")
        {
            Description = "lvm: this machine's disks. fake: two invented disks, gone when the process ends.",
            DefaultValueFactory = _ => StorageBackend.Lvm,
        };
        var provisioner = new Option<string>("--provisioner")
        {
            Description = "The provisioner of the StorageClasses to serve.",
            DefaultValueFactory = _ => Defaults.Provisioner,
        };
        var capacityNamespace = new Option<string>("--capacity-namespace")
        {
            Description = "The namespace of the CSIStorageCapacity objects; empty to publish none.",
            DefaultValueFactory = _ => Defaults.CapacityNamespace,
        };
        var scanPeriod = new Option<string>("--scan-period")
        {
            Description = "How often disks and LVM are looked at when nothing else asks for it, at most 5m.",
            DefaultValueFactory = _ => DurationText.Format(Defaults.ScanPeriod),
        };
        var trace = new TraceFlags();
        var command = new Command("agent", "Serve one node: make volume groups, report capacity, make and remove volumes. As root.")
        {
            node, backend, provisioner, capacityNamespace, scanPeriod,
        };
        cluster.AddTo(command);
        trace.AddTo(command);
        operations.AddTo(command);
        log.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var options = Defaults with
            {
                Node = errors.Name<NodeName>(
                    "--node-name", parsed.GetValue(node), NodeName.TryParse, "the name of a Node, as kubectl get nodes shows it"),
                Provisioner = ServiceFlags.Provisioner(errors, parsed.GetValue(provisioner)),
                CapacityNamespace = parsed.GetValue(capacityNamespace) ?? "",
                ScanPeriod = errors.Duration(
                    "--scan-period",
                    parsed.GetValue(scanPeriod) ?? "",
                    TimeSpan.FromSeconds(1),
                    ScanPeriodMax,
                    "A node whose last report is older than 15 minutes gets no new claims."),
            };
            options = options with { Spread = ServiceFlags.SpreadOf(options.Node.ToString()) };
            var (traceFile, traceMax) = trace.Read(parsed, errors);
            var endpoint = operations.Read(parsed, errors);
            var connection = cluster.Find(parsed, errors);
            if (connection is null || errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            var builder = Host.CreateEmptyApplicationBuilder(null);
            log.Configure(parsed, builder.Logging);
            builder.Services
                .AddSingleton(provider => StorageBackends.CreateForAgent(
                    parsed.GetValue(backend), options.Node, provider.GetRequiredService<LocalPvMetrics>().LvmCommandEnded))
                .AddNodeAgent(connection, options);
            if (traceFile.Length > 0)
            {
                builder.Services.AddTrace(traceFile, traceMax, options);
            }

            return await ServiceRun.UntilStoppedAsync(parsed, builder, endpoint, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
