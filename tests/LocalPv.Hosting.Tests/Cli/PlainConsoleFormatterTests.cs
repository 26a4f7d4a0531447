using System.Globalization;
using LocalPv.Hosting.Cli;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Cli;

public sealed class PlainConsoleFormatterTests
{
    [Fact]
    public void Write_WhatOthersSaid_IsOneLineThatATerminalOnlyShows()
    {
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        var entry = new LogEntry<string>(
            LogLevel.Warning, "localpv", new EventId(17), "node \u001b[2Jx\nfail: forged", new FormatException("bad \u0007"),
            (state, _) => state);
        new PlainConsoleFormatter(TimeProvider.System).Write(entry, null, written);
        var text = written.ToString();
        Assert.EndsWith(Environment.NewLine, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.TrimEnd(), char.IsControl);
        Assert.Contains(
            @" warn: localpv[17] node \u001b[2Jx fail: forged System.FormatException: bad \u0007", text, StringComparison.Ordinal);
    }
}
