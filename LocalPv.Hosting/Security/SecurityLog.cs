using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Security;

/// <summary>What is said about certificates.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(
        EventId = 130,
        Level = LogLevel.Information,
        Message = "{File}: a new certificate is used from now on; it ends at {NotAfter:u}")]
    public static partial void CertificateTaken(ILogger logger, string file, DateTimeOffset notAfter);

    [LoggerMessage(
        EventId = 131,
        Level = LogLevel.Error,
        Message = "{File}: the new certificate cannot be used, the old one stays: {Problem}")]
    public static partial void CertificateRefused(ILogger logger, string file, string problem);

    [LoggerMessage(
        EventId = 132,
        Level = LogLevel.Information,
        Message = "The extender's certificates were renewed: {What}")]
    public static partial void CertificatesRenewed(ILogger logger, string what);

    [LoggerMessage(
        EventId = 133,
        Level = LogLevel.Warning,
        Message = "The extender's certificates could not be looked after, once more in {Wait}: {Problem}")]
    public static partial void CertificatesNotRenewed(ILogger logger, TimeSpan wait, string problem);
}
