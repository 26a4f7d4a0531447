using System.CommandLine;
using System.Net;
using LocalPv.Hosting.Options;

namespace LocalPv.Hosting.Cli;

/// <summary>The flag that says where a service tells how it is.</summary>
public sealed class OperationsFlags
{
    private readonly Option<string> _listen = new("--operations-listen")
    {
        Description = "The address and port for /healthz, /readyz and /metrics, such as [::]:8901. Default: none.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Adds the flag to a command.</summary>
    public void AddTo(Command command) => command.Options.Add(_listen);

    /// <summary>Reads the flag; null where there is to be no listener. What is wrong is noted.</summary>
    public IPEndPoint? Read(ParseResult parsed, OptionErrors errors)
    {
        var text = parsed.GetValue(_listen) ?? "";
        return text.Length == 0 ? null : Endpoint(errors, "--operations-listen", text);
    }

    /// <summary>Reads an address and port, or notes why not.</summary>
    internal static IPEndPoint? Endpoint(OptionErrors errors, string flag, string text)
    {
        if (IPEndPoint.TryParse(text, out var endpoint) && text.Contains(':', StringComparison.Ordinal))
        {
            return endpoint;
        }

        errors.Add(flag, $"'{text}' is not an address and port, such as [::]:8900 for all addresses or 127.0.0.1:8900.");
        return null;
    }
}
