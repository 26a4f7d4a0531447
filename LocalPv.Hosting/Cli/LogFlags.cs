using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LocalPv.Hosting.Cli;

/// <summary>The flags that say what is logged and how. Logs go to standard error: standard output is for answers.</summary>
public sealed class LogFlags
{
    private readonly Option<LogLevel> _level;

    private readonly Option<LogFormat> _format = new("--log-format")
    {
        Description = "How it is logged: text for people, json for collectors.",
        DefaultValueFactory = _ => LogFormat.Text,
    };

    /// <summary>Flags with this default level.</summary>
    public LogFlags(LogLevel standard) => _level = new Option<LogLevel>("--log-level")
    {
        Description = "The least level that is logged.",
        DefaultValueFactory = _ => standard,
    };

    private enum LogFormat
    {
        Text,
        Json,
    }

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_level);
        command.Options.Add(_format);
    }

    /// <summary>Sets up logging as the flags say.</summary>
    public void Configure(ParseResult parsed, ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(parsed.GetValue(_level));
        // The web server tells of each request; that is for those who look for it.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (parsed.GetValue(_format) == LogFormat.Json)
        {
            logging.AddJsonConsole(options => options.UseUtcTimestamp = true);
        }
        else
        {
            logging.Services.AddSingleton<ConsoleFormatter>(new PlainConsoleFormatter(TimeProvider.System));
            logging.AddConsole(options => options.FormatterName = PlainConsoleFormatter.FormatterName);
        }
    }
}
