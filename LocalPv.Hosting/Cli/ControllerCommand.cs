using System.CommandLine;
using LocalPv.Core.Agents;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Options;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv controller</c>: does for the cluster what no node can do for itself.</summary>
internal static class ControllerCommand
{
    private static readonly ClusterAgentOptions Defaults = new() { Identity = "default" };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterFlags();
        var log = new LogFlags(LogLevel.Information);
        var operations = new OperationsFlags();
        var trace = new TraceFlags();
        var identity = new Option<string>("--identity")
        {
            Description = "Who this process is, unlike every other's, such as the name of its Pod. Default: the host's name.",
            HelpName = "NAME",
            DefaultValueFactory = _ => Environment.MachineName,
        };
        var provisioner = new Option<string>("--provisioner")
        {
            Description = "The provisioner of the StorageClasses to look after.",
            DefaultValueFactory = _ => Defaults.Provisioner,
        };
        var leaseNamespace = new Option<string>("--lease-namespace")
        {
            Description = "The namespace of the Lease by which one of several controllers is elected.",
            DefaultValueFactory = _ => Defaults.LeaseNamespace,
        };
        var capacityNamespace = new Option<string>("--capacity-namespace")
        {
            Description = "The namespace of the CSIStorageCapacity objects, as the agents have it; empty where there are none.",
            DefaultValueFactory = _ => Defaults.CapacityNamespace,
        };
        var extenderService = new Option<string>("--extender-service")
        {
            Description = "Keep a certificate for the extender behind this Service, in the namespace of the Lease: an authority, the "
                + "Secret NAME-tls, the ConfigMap NAME-ca. Default: keep none.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "",
        };
        var command = new Command(
            "controller", "Look after what no node can: wrong classes, claims and volumes of nodes that are gone. One of "
                + "several is elected.")
        {
            identity, provisioner, leaseNamespace, capacityNamespace, extenderService,
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
                Identity = parsed.GetValue(identity) ?? "",
                Provisioner = ServiceFlags.Provisioner(errors, parsed.GetValue(provisioner)),
                CapacityNamespace = parsed.GetValue(capacityNamespace) ?? "",
                LeaseNamespace = parsed.GetValue(leaseNamespace) ?? "",
            };
            if (options.Identity.Length == 0)
            {
                errors.Add("--identity", "must not be empty, and unlike that of every other controller.");
            }

            if (options.LeaseNamespace.Length == 0)
            {
                errors.Add("--lease-namespace", "must not be empty; name the namespace that LocalPv runs in.");
            }

            options = options with { Spread = ServiceFlags.SpreadOf(options.Identity) };
            var (traceFile, traceMax) = trace.Read(parsed, errors);
            var endpoint = operations.Read(parsed, errors);
            var connection = cluster.Find(parsed, errors);
            if (connection is null || errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            var builder = Host.CreateEmptyApplicationBuilder(null);
            log.Configure(parsed, builder.Logging);
            builder.Services.AddClusterAgent(connection, options);
            if (parsed.GetValue(extenderService) is { Length: > 0 } service)
            {
                builder.Services.AddExtenderCertificate(options.LeaseNamespace, service);
            }

            if (traceFile.Length > 0)
            {
                builder.Services.AddTrace(traceFile, traceMax, options);
            }

            return await ServiceRun.UntilStoppedAsync(parsed, builder, endpoint, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
