namespace LocalPv.Hosting.Tests.Telemetry;

/// <summary>Tests that read the metrics of this process: a page shows all of them, so one at a time.</summary>
[CollectionDefinition("Metrics")]
public sealed class MetricsCollection;
