using System.CommandLine;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Security;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Cli;

/// <summary>The flags that say with which certificate a server listens, and who may come in.</summary>
public sealed class TlsFlags
{
    private readonly Option<string?> _certificate = new("--tls-cert-file")
    {
        Description = "The certificate (PEM, with its chain) to serve HTTPS with. Read again when the file changes. Default: plain HTTP.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--tls-key-file")
    {
        Description = "The private key (PEM) of the certificate.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _clients = new("--tls-client-ca-file")
    {
        Description = "The authorities (PEM) of client certificates; whoever has none of theirs is turned away. Default: all may come in.",
        HelpName = "FILE",
    };

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_certificate);
        command.Options.Add(_key);
        command.Options.Add(_clients);
    }

    /// <summary>Opens the files; null where plain HTTP is wanted. What is wrong is noted.</summary>
    public CertificateFiles? Open(ParseResult parsed, OptionErrors errors, TimeProvider time, ILogger log)
    {
        var certificate = parsed.GetValue(_certificate);
        var key = parsed.GetValue(_key);
        var clients = parsed.GetValue(_clients);
        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
        {
            errors.Add("--tls-cert-file", "goes together with --tls-key-file: name both, or neither for plain HTTP.");
            return null;
        }

        if (string.IsNullOrEmpty(certificate))
        {
            if (!string.IsNullOrEmpty(clients))
            {
                errors.Add("--tls-client-ca-file", "needs HTTPS: add --tls-cert-file and --tls-key-file.");
            }

            return null;
        }

        var opened = CertificateFiles.Open(certificate, key!, string.IsNullOrEmpty(clients) ? null : clients, time, log);
        if (opened.TryGetValue(out var files))
        {
            return files;
        }

        errors.Add("--tls-cert-file", opened.Message);
        return null;
    }
}
