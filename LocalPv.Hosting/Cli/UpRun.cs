using System.CommandLine;
using System.Net.Sockets;
using LocalPv.Hosting.Up;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace LocalPv.Hosting.Cli;

/// <summary>Runs the embedded cluster for a person or a script, and prints what they want to know.</summary>
/// <param name="configuration">Where to print.</param>
/// <param name="options">The cluster.</param>
/// <param name="once">Whether to end when all is settled.</param>
/// <param name="format">How to print what happened.</param>
/// <param name="logs">Makes the loggers.</param>
internal sealed class UpRun(
    InvocationConfiguration configuration, UpOptions options, bool once, OutputFormat format, ILoggerFactory logs)
{
    // With --once standard output is for the result; what happens on the way is for people who watch.
    private readonly TextWriter _live = once ? configuration.Error : configuration.Output;

    private bool IsTerminal => once
        ? ReferenceEquals(_live, Console.Error) && !Console.IsErrorRedirected
        : ReferenceEquals(_live, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>Runs until all is settled (once) or until interrupted; answers with the exit code.</summary>
    public async Task<int> RunAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        if (!IsTerminal)
        {
            return await RunAsync(new PlainView(_live), manifests, cancellationToken).ConfigureAwait(false);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_live) });
        return await console.Status()
            .StartAsync("Starting", status => RunAsync(new TerminalView(console, status), manifests, cancellationToken))
            .ConfigureAwait(false);
    }

    private async Task<int> RunAsync(IUpView view, IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        UpSession session;
        try
        {
            session = await UpSession.StartAsync(options, view, TimeProvider.System, logs, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error) when (error.InnerException is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Fail($"{error.Message} Choose another port with --api-port or --extender-port, or leave them out.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        await using (session.ConfigureAwait(false))
        {
            KubeconfigFile file;
            try
            {
                file = KubeconfigFile.Write(options.KubeconfigFile, session.Cluster.Http.Kubeconfig);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Fail($"--write-kubeconfig {options.KubeconfigFile}: {error.Message} Name a file in a folder that is there.");
            }

            using var kubeconfig = file;
            var running = SettleAsync(session, view, kubeconfig.Path, manifests, cancellationToken);
            var bug = session.Bug;
            if (await Task.WhenAny(running, bug).ConfigureAwait(false) == bug)
            {
                Fail($"a bug, please report it: {await bug.ConfigureAwait(false)}");
                return ExitCode.Bug;
            }

            return await running.ConfigureAwait(false);
        }
    }

    private async Task<int> SettleAsync(
        UpSession session, IUpView view, string kubeconfig, IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await session.RunAsync(manifests, cancellationToken).ConfigureAwait(false);
            if (once)
            {
                UpReport.Print(configuration.Output, format, session, outcome);
                return outcome.IsDone ? ExitCode.Done : Fail(outcome.Message);
            }

            if (!outcome.IsDone)
            {
                // The cluster stays up: looking into it is the best way to find out why.
                Fail(outcome.Message);
            }

            UpReport.PrintNextSteps(configuration.Output, session, kubeconfig);
            view.Status($"The cluster runs at {session.Cluster.Connection.Server}. Ctrl-C ends it.");
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return once ? ExitCode.Interrupted : ExitCode.Done;
        }
    }

    private int Fail(string message)
    {
        configuration.Error.WriteLine("localpv: " + message);
        return ExitCode.Failed;
    }
}
