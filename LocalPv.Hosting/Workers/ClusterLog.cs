using LocalPv.Core.Outcomes;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>What is said about requests to the API server and to the node's storage.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "{Request}: {Kind}: {Reason}")]
    public static partial void Failed(ILogger logger, string request, OutcomeKind kind, string reason);

    [LoggerMessage(EventId = 121, Level = LogLevel.Debug, Message = "{Request}: {Kind} {Reason}")]
    public static partial void Wrote(ILogger logger, string request, OutcomeKind kind, string reason);

    [LoggerMessage(EventId = 122, Level = LogLevel.Warning, Message = "The watch of {Resource} ended: {Kind}: {Reason}")]
    public static partial void WatchBroke(ILogger logger, string resource, OutcomeKind kind, string reason);

    [LoggerMessage(EventId = 123, Level = LogLevel.Information, Message = "{Request}: {Kind} {Reason}")]
    public static partial void Changed(ILogger logger, string request, OutcomeKind kind, string reason);
}
