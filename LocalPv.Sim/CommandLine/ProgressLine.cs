using System.Globalization;

namespace LocalPv.Sim.CommandLine;

/// <summary>How far a run of many seeds is: a bar, its rate, and the time left at that rate.</summary>
internal static class ProgressLine
{
    private const int BarWidth = 24;

    /// <summary>The line.</summary>
    /// <param name="all">All seeds of the run.</param>
    /// <param name="known">Those that an earlier run had done.</param>
    /// <param name="done">Those that this run has done.</param>
    /// <param name="failed">Those that broke something.</param>
    /// <param name="elapsed">How long this run has taken up to now.</param>
    internal static string Of(ulong all, ulong known, ulong done, int failed, TimeSpan elapsed)
    {
        var share = all == 0 ? 1.0 : Math.Min(1.0, (double)(known + done) / all);
        var full = (int)(share * BarWidth);
        var rate = done / Math.Max(0.001, elapsed.TotalSeconds);
        var left = all > known + done ? all - known - done : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', full)}{new string('.', BarWidth - full)}] {100 * share,5:0.0} %  {done} seeds  {rate * 60:0} a minute  "
            + $"{failed} failed  {(rate > 0 ? Span(left / rate) : "?")} left");
    }

    // A million seeds take more than a day, which no clock of 24 hours can say.
    private static string Span(double seconds)
    {
        var whole = (long)Math.Round(Math.Min(seconds, 1e12));
        return string.Create(CultureInfo.InvariantCulture, $"{whole / 3600:00}:{whole / 60 % 60:00}:{whole % 60:00}");
    }
}
