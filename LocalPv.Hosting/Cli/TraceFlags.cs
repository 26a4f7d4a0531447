using System.CommandLine;
using LocalPv.Core.Units;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Cli;

/// <summary>The flags that say where an agent's trace goes.</summary>
internal sealed class TraceFlags
{
    private readonly Option<string?> _file = new("--trace")
    {
        Description = "Write all that the agent is told and does to this file, for 'localpv-sim replay'. The file of the life before "
            + "becomes FILE.1.",
        HelpName = "FILE",
    };

    private readonly Option<string> _size = new("--trace-size")
    {
        Description = "The size at which the trace ends, such as 64Mi.",
        DefaultValueFactory = _ => TraceFile.DefaultSizeMax.ToString(),
    };

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_size);
    }

    /// <summary>Reads the flags; an empty file where there is to be no trace. What is wrong is noted.</summary>
    public (string File, Bytes SizeMax) Read(ParseResult parsed, OptionErrors errors) => (
        parsed.GetValue(_file) ?? "",
        errors.Amount("--trace-size", parsed.GetValue(_size) ?? "", Bytes.FromMebibytes(1), Bytes.FromGibibytes(64)));

    /// <summary>Begins the trace, where there is to be one; why it cannot be begun, or null.</summary>
    public static string? WhyNot(IHost host)
    {
        try
        {
            host.Services.GetService<TraceFile>();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"--trace: {error.Message}";
        }
    }
}
