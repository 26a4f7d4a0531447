using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>What is said about traces.</summary>
internal static partial class TraceLog
{
    [LoggerMessage(
        EventId = 140,
        Level = LogLevel.Warning,
        Message = "The trace {File} is as large as it may be and ends after {Steps} steps; the agent goes on without. See --trace-size")]
    public static partial void Full(ILogger logger, string file, long steps);

    [LoggerMessage(EventId = 141, Level = LogLevel.Error, Message = "The trace {File} ends, since it cannot be written to: {Problem}")]
    public static partial void Failed(ILogger logger, string file, string problem);
}
