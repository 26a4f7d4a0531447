using System.Diagnostics.Metrics;
using LocalPv.Core.Outcomes;
using LocalPv.Hosting.Telemetry;

namespace LocalPv.Hosting.Tests.Telemetry;

/// <summary>The page as Prometheus reads it.</summary>
[Collection("Metrics")]
public sealed class PrometheusPageTests
{
    [Fact]
    public void Histogram_HasCumulativeBucketsThatEndInItsCount()
    {
        using var metrics = new LocalPvMetrics();
        using var page = new MetricsPage("test");
        metrics.LvmCommandEnded("lvtest", TimeSpan.FromMilliseconds(3), succeeded: true);
        metrics.LvmCommandEnded("lvtest", TimeSpan.FromSeconds(2), succeeded: true);
        var text = page.Render();
        Assert.Contains("# TYPE localpv_lvm_command_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains(Bucket("0.0025", 0), text, StringComparison.Ordinal);
        Assert.Contains(Bucket("0.005", 1), text, StringComparison.Ordinal);
        Assert.Contains(Bucket("2.5", 2), text, StringComparison.Ordinal);
        Assert.Contains(Bucket("+Inf", 2), text, StringComparison.Ordinal);
        Assert.Contains(
            "localpv_lvm_command_duration_seconds_count{command=\"lvtest\",result=\"done\"} 2\n", text, StringComparison.Ordinal);

        static string Bucket(string bound, int count) =>
            $"localpv_lvm_command_duration_seconds_bucket{{command=\"lvtest\",result=\"done\",le=\"{bound}\"}} {count}\n";
    }

    [Fact]
    public void Counter_EndsInTotal_AndLabelsAreEscaped()
    {
        using var metrics = new LocalPvMetrics();
        using var page = new MetricsPage("test");
        metrics.Rescheduled("a \"quoted\"\nreason \\");
        Assert.Contains(
            "localpv_reschedules_total{reason=\"a \\\"quoted\\\"\\nreason \\\\\"} 1\n", page.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_RenderedTwice_KeepsCounting()
    {
        using var metrics = new LocalPvMetrics();
        using var page = new MetricsPage("test");
        metrics.WatchEnded("things.twice", OutcomeKind.Expired);
        page.Render();
        metrics.WatchEnded("things.twice", OutcomeKind.Expired);
        Assert.Contains(
            "localpv_watch_ends_total{resource=\"things.twice\",result=\"Expired\"} 2\n", page.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gauge_OfFiveThousandNodes_ShowsEachOfThem()
    {
        using var metrics = new LocalPvMetrics();
        using var page = new MetricsPage("test");
        metrics.Observe("localpv.volume_group.many", "By", "Many.", () => Enumerable.Range(0, 5000).Select(number => new Measurement<long>(
            number, new KeyValuePair<string, object?>("node", $"node-{number}"))));
        var lines = page.Render().Split('\n').Count(line => line.StartsWith("localpv_volume_group_many_bytes{", StringComparison.Ordinal));
        Assert.Equal(5000, lines);
    }
}
