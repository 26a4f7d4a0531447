using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace LocalPv.Hosting.Telemetry;

/// <summary>
/// Collects what the process measures: for the page that Prometheus reads, and, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (or
/// <c>OTEL_EXPORTER_OTLP_METRICS_ENDPOINT</c>) is set, for an OpenTelemetry collector. One for a process.
/// </summary>
public sealed class MetricsPage : IDisposable
{
    // From half a millisecond to five minutes: a filter takes less than a millisecond, wiping a volume minutes.
    private static readonly double[] SecondsBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    // What begins so has a series for each volume group of 5,000 nodes that have a few of them. Beyond its limit, OpenTelemetry sums up the
    // rest of an instrument as one; the room for all that are within is taken at once, which would be megabytes for each.
    private const string OfVolumeGroups = "localpv.volume_group.";
    private const int VolumeGroupSeriesMax = 20_000;
    private const int SeriesMax = 500;

    private readonly Lock _gate = new();
    private readonly TextExporter _exporter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;

    /// <summary>Starts to collect what <see cref="LocalPvMetrics"/> and the runtime measure, in the name of a service.</summary>
    public MetricsPage(string service)
    {
        _reader = new BaseExportingMetricReader(_exporter);
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(service))
            .AddMeter(LocalPvMetrics.MeterName, "System.Runtime")
            .AddView(static instrument => instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal)
                ? new ExplicitBucketHistogramConfiguration { Boundaries = SecondsBounds, CardinalityLimit = SeriesMax }
                : new MetricStreamConfiguration { CardinalityLimit = LimitOf(instrument.Name) })
            .AddReader(_reader);
        if (WantsOtlp())
        {
            builder.AddOtlpExporter();
        }

        _provider = builder.Build();
    }

    /// <summary>Whether the environment asks for OpenTelemetry's own protocol.</summary>
    public static bool WantsOtlp() =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
        || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"));

    /// <summary>The page as of now. Any thread.</summary>
    public string Render()
    {
        lock (_gate)
        {
            return _reader.Collect() ? _exporter.Take() : throw new InvalidOperationException("The metrics could not be collected.");
        }
    }

    /// <summary>Ends; what is left is sent to the collector, if there is one.</summary>
    public void Dispose()
    {
        _provider.Dispose();
        _reader.Dispose();
        _exporter.Dispose();
    }

    private static int LimitOf(string instrument) =>
        instrument.StartsWith(OfVolumeGroups, StringComparison.Ordinal) ? VolumeGroupSeriesMax : SeriesMax;

    [ExportModes(ExportModes.Push)]
    private sealed class TextExporter : BaseExporter<Metric>
    {
        private readonly StringBuilder _text = new();

        public override ExportResult Export(in Batch<Metric> batch)
        {
            PrometheusText.Write(_text, batch);
            return ExportResult.Success;
        }

        public string Take()
        {
            var text = _text.ToString();
            _text.Clear();
            return text;
        }
    }
}
