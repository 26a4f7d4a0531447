using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>What services say.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "{Worker} works")]
    public static partial void Started(ILogger logger, string worker);

    [LoggerMessage(EventId = 111, Level = LogLevel.Critical, Message = "{Worker} met a bug and ends the process; please report this")]
    public static partial void Bug(ILogger logger, Exception bug, string worker);
}
