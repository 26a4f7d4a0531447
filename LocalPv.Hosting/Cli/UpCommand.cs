using System.CommandLine;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Up;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv up</c>: the embedded cluster, for trying LocalPv out.</summary>
internal static class UpCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var flags = new UpFlags();
        var log = new LogFlags(LogLevel.Critical);
        var command = new Command(
            "up",
            "Start a whole cluster in this process: an API server in memory behind real HTTP, models of the scheduler, the "
                + "controllers and the "
                + "kubelets, nodes with disks on a fake LVM; and LocalPv beside it, speaking to it over HTTP. Needs neither "
                    + "root nor Docker.");
        flags.AddTo(command);
        log.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var options = flags.Read(parsed, errors);
            var manifests = new List<Manifest>();
            foreach (var file in options.Files)
            {
                var read = Manifests.ReadFile(file);
                if (read.TryGetValue(out var found))
                {
                    manifests.AddRange(found);
                }
                else
                {
                    errors.Add("-f", read.Message);
                }
            }

            if (errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            using var logs = LoggerFactory.Create(logging => log.Configure(parsed, logging));
            var run = new UpRun(parsed.InvocationConfiguration, options, flags.Once(parsed), flags.Output(parsed), logs);
            return await run.RunAsync(manifests, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
