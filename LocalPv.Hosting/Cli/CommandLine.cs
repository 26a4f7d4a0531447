using System.CommandLine;

namespace LocalPv.Hosting.Cli;

/// <summary>The program's commands.</summary>
public static class CommandLine
{
    /// <summary>The root of the commands.</summary>
    public static RootCommand Create() => new(
        "LocalPv: dynamic local volumes for Kubernetes on LVM.\n\n"
        + "Try it out without a cluster and without root: localpv up --demo\n\n" + ExitCode.Help)
    {
        AgentCommand.Create(),
        ExtenderCommand.Create(),
        ControllerCommand.Create(),
        DisksCommand.Create(),
        DoctorCommand.Create(),
        UpCommand.Create(),
    };

    /// <summary>Parses and runs; answers with the exit code. Arguments that cannot be parsed are wrong input.</summary>
    public static async Task<int> RunAsync(string[] arguments, InvocationConfiguration configuration, CancellationToken cancellationToken)
    {
        var parsed = Create().Parse(arguments);
        var code = await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? ExitCode.WrongInput : code;
    }

    /// <summary>Lets a command that looks at something and ends be interrupted: whatever it found until then is no answer.</summary>
    internal static void SetInterruptibleAction(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var code = await action(parsed, cancellationToken).ConfigureAwait(false);
                return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : code;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });

    /// <summary>Prints errors to standard error, one a line, and answers with the exit code for wrong input.</summary>
    internal static int WrongInput(ParseResult parsed, IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            parsed.InvocationConfiguration.Error.WriteLine("localpv: " + error);
        }

        return ExitCode.WrongInput;
    }

    /// <summary>Prints why it could not be done to standard error.</summary>
    internal static int Failed(ParseResult parsed, string message)
    {
        parsed.InvocationConfiguration.Error.WriteLine("localpv: " + message);
        return ExitCode.Failed;
    }
}
