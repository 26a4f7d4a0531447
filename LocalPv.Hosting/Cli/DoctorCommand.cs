using System.CommandLine;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Doctor;
using LocalPv.Hosting.Options;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv doctor</c>: looks for what keeps LocalPv from working on this node, and says how to mend it.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan ScanLimit = TimeSpan.FromSeconds(60);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterFlags();
        var node = new Option<string>("--node-name")
        {
            Description = "The name of the Node that this machine is. Default: NODE_NAME of the environment, else not looked at.",
            HelpName = "NAME",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("NODE_NAME") ?? "",
        };
        var backend = new Option<StorageBackend>("--backend")
        {
            Description = "lvm: this machine's disks. fake: two invented disks.",
            DefaultValueFactory = _ => StorageBackend.Lvm,
        };
        var capacityNamespace = new Option<string>("--capacity-namespace")
        {
            Description = "The namespace of the CSIStorageCapacity objects; empty where there are none.",
            DefaultValueFactory = _ => "localpv-system",
        };
        var offline = new Option<bool>("--offline") { Description = "Look at this machine only, not at the cluster." };
        var output = new Option<OutputFormat>("--output", "-o") { Description = "How to print it." };
        var command = new Command(
            "doctor",
            "Look for what keeps LocalPv from working on this node, and say how to mend it: kernel, lvm2, devices, rights, clock, API "
                + "access, volumes that nobody asks for. Changes nothing. Exit code 0: nothing to mend (warnings may be there); 1: "
                + "something has to be mended; 2: wrong arguments.")
        {
            node, backend, capacityNamespace, offline, output,
        };
        cluster.AddTo(command);
        command.SetInterruptibleAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var findings = new List<Finding>();
            IReadOnlySet<ClaimUid>? known = null;
            if (parsed.GetValue(backend) == StorageBackend.Lvm)
            {
                findings.AddRange(await MachineChecks.RunAsync(new Machine(), cancellationToken).ConfigureAwait(false));
            }

            if (!parsed.GetValue(offline))
            {
                if (cluster.Find(parsed, errors) is not { } connection)
                {
                    return CommandLine.WrongInput(parsed, errors.All.Append("--offline looks at this machine only."));
                }

                var checks = new ClusterChecks(
                    connection, TimeProvider.System, parsed.GetValue(node) ?? "", parsed.GetValue(capacityNamespace) ?? "");
                findings.AddRange(await checks.RunAsync(cancellationToken).ConfigureAwait(false));
                known = checks.Claims;
            }

            findings.AddRange(await ScanAsync(parsed.GetValue(backend), known, cancellationToken).ConfigureAwait(false));
            Print(parsed.InvocationConfiguration.Output, parsed.GetValue(output), findings);
            return findings.Exists(finding => finding.Severity == Severity.Failure) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static async Task<IEnumerable<Finding>> ScanAsync(
        StorageBackend backend, IReadOnlySet<ClaimUid>? known, CancellationToken cancellationToken)
    {
        var storage = StorageBackends.Create(backend, NodeName.Parse("this-machine"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ScanLimit);
        var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), limit.Token).ConfigureAwait(false);
        return outcome.TryGetValue(out var answer) && answer is NodeStorageAnswer.Scanned scanned
            ? StorageChecks.Run(scanned.Scan, known)
            : [Finding.Failure("devices", outcome.Message, "Mend what is said above first, then look again.")];
    }

    private static void Print(TextWriter output, OutputFormat format, List<Finding> findings)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(new JsonList([.. findings.Select(finding => (JsonTree)JsonMap.Of(
                ("check", finding.Check),
                ("severity", finding.Severity.ToString()),
                ("message", finding.Message),
                ("remedy", finding.Remedy)))]).ToString());
            return;
        }

        foreach (var finding in findings)
        {
            var mark = finding.Severity switch { Severity.Good => "ok  ", Severity.Warning => "warn", _ => "FAIL" };
            output.WriteLine($"{mark}  {finding.Check}: {finding.Message}");
            if (finding.Remedy.Length > 0)
            {
                output.WriteLine($"      {finding.Remedy}");
            }
        }
    }
}
