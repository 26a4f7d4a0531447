using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Outcomes;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Security;

/// <summary>
/// A server's certificate from files that may be replaced at any time, as Kubernetes does with a mounted Secret: the next handshake after
/// a look uses the new one. What cannot be used is told in the log, and the old one stays. Safe for any thread.
/// </summary>
public sealed class CertificateFiles : IDisposable
{
    // kubelet writes a changed Secret within about a minute; this adds little to it, and reading three small files costs nothing.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // Not ready before the scheduler's calls begin to fail: another replica may have a newer certificate already.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Paths _paths;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private ServerCertificate _current;
    private string _seen;

    private CertificateFiles(Paths paths, ServerCertificate current, string seen, TimeProvider time, ILogger log)
    {
        _paths = paths;
        _current = current;
        _seen = seen;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    /// <summary>The certificate for the next handshake.</summary>
    public ServerCertificate Current => Volatile.Read(ref _current);

    /// <summary>What is wrong with it now; an empty text where nothing is.</summary>
    public string Problem
    {
        get
        {
            var (current, now) = (Current, _time.GetUtcNow());
            if (current.NotBefore > now)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"the certificate in {_paths.Certificate} begins at {current.NotBefore:u}, later than now ({now:u}): look at the "
                        + $"clocks of this machine and of the one that made it, and put a new one there, it is read without a restart.");
            }

            return current.NotAfter - now > Margin ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"the certificate in {_paths.Certificate} ends at {current.NotAfter:u}; put a new one there, it is read without a "
                        + $"restart.");
        }
    }

    /// <summary>Reads the files for the first time; a failure says what is wrong with which.</summary>
    public static Outcome<CertificateFiles> Open(
        string certificate, string key, string? clientAuthorities, TimeProvider time, ILogger log)
    {
        var paths = new Paths(certificate, key, clientAuthorities);
        var read = Read(paths, out var seen);
        return read.TryGetValue(out var current)
            ? Outcome.Done(new CertificateFiles(paths, current, seen, time, log))
            : read.As<CertificateFiles>();
    }

    /// <summary>Stops to look.</summary>
    public void Dispose() => _timer.Dispose();

    private static Outcome<ServerCertificate> Read(Paths paths, out string seen)
    {
        seen = "";
        try
        {
            var certificate = File.ReadAllText(paths.Certificate);
            var key = File.ReadAllText(paths.Key);
            var authorities = paths.ClientAuthorities is { } file ? File.ReadAllText(file) : null;
            seen = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{certificate}\0{key}\0{authorities}")));
            var read = ServerCertificate.Read(certificate, key, authorities);
            return read.TryGetValue(out _) ? read : Outcome.Failed<ServerCertificate>(read.Kind, $"{read.Message} Read from {paths}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Failed<ServerCertificate>(OutcomeKind.Unavailable, error.Message);
        }
    }

    private void Look()
    {
        var read = Read(_paths, out var seen);
        if (seen == _seen)
        {
            return;
        }

        _seen = seen;
        if (read.TryGetValue(out var next))
        {
            Volatile.Write(ref _current, next);
            SecurityLog.CertificateTaken(_log, _paths.Certificate, next.NotAfter);
        }
        else
        {
            SecurityLog.CertificateRefused(_log, _paths.Certificate, read.Message);
        }
    }

    private sealed record Paths(string Certificate, string Key, string? ClientAuthorities)
    {
        public override string ToString() =>
            $"{Certificate} and {Key}" + (ClientAuthorities is { } authorities ? $", with the clients' authorities in {authorities}" : "");
    }
}
