using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LocalPv.Hosting.Telemetry;

/// <summary>
/// Writes metrics in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), with the names that
/// OpenTelemetry's compatibility rules give them: other characters become underscores, the unit is appended, counters end in
/// <c>_total</c>.
/// </summary>
internal static class PrometheusText
{
    /// <summary>The media type of the page.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes a batch.</summary>
    public static void Write(StringBuilder output, in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            var name = NameOf(metric);
            output.Append("# HELP ").Append(name).Append(' ').Append(Escape(metric.Description, quoted: false)).Append('\n');
            output.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(metric.MetricType)).Append('\n');
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                WritePoint(output, name, metric.MetricType, point);
            }
        }
    }

    private static void WritePoint(StringBuilder output, string name, MetricType type, in MetricPoint point)
    {
        var labels = Labels(point.Tags);
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Line(output, name, labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Line(output, name, labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                Line(output, name, labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                Line(output, name, labels, point.GetGaugeLastValueDouble());
                break;
            case MetricType.Histogram:
                WriteHistogram(output, name, labels, point);
                break;
            default:
                throw new InvalidOperationException($"{name} is a {type}, which the page cannot show.");
        }
    }

    private static void WriteHistogram(StringBuilder output, string name, string labels, in MetricPoint point)
    {
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            var separator = labels.Length == 0 ? "" : ",";
            Line(output, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", below);
        }

        Line(output, name + "_sum", labels, point.GetHistogramSum());
        Line(output, name + "_count", labels, point.GetHistogramCount());
    }

    private static void Line(StringBuilder output, string name, string labels, double value)
    {
        output.Append(name);
        if (labels.Length > 0)
        {
            output.Append('{').Append(labels).Append('}');
        }

        output.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string NameOf(Metric metric)
    {
        var name = new StringBuilder();
        foreach (var c in metric.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        var unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        name.Append(unit);
        return metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? name.Append("_total").ToString() : name.ToString();
    }

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Labels(ReadOnlyTagCollection tags)
    {
        // In one order, whatever order they were recorded in.
        var sorted = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            sorted[key] = value;
        }

        var labels = new StringBuilder();
        foreach (var (key, value) in sorted)
        {
            labels.Append(labels.Length == 0 ? "" : ",").Append(key.Replace('.', '_')).Append("=\"")
                .Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quoted: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string text, bool quoted)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quoted ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
