using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>What workers say.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Debug, Message = "{Worker} has stopped")]
    public static partial void Stopped(ILogger logger, string worker);

    [LoggerMessage(
        EventId = 101,
        Level = LogLevel.Warning,
        Message = "{Worker} was stopped, but calls it had begun did not end within {Grace}; what they asked for may still happen")]
    public static partial void StoppedWithEffectsRunning(ILogger logger, string worker, TimeSpan grace);
}
