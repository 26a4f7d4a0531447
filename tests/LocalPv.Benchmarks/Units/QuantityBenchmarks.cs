using BenchmarkDotNet.Attributes;
using LocalPv.Core.Units;

namespace LocalPv.Benchmarks.Units;

/// <summary>Reading and writing Kubernetes quantities, beside the reading of a plain number.</summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class QuantityBenchmarks
{
    /// <summary>A form of quantity.</summary>
    [Params("128974848", "10Gi", "1.5Gi", "1e3", "100m")]
    public string Text { get; set; } = "";

    /// <summary>The baseline: a number of the same kind without any suffix.</summary>
    [Benchmark(Baseline = true)]
    public long PlainNumber() => long.Parse("128974848", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads the quantity.</summary>
    [Benchmark]
    public bool Parse() => Quantity.TryParse(Text, out _, out _);

    /// <summary>Writes an amount.</summary>
    [Benchmark]
    public string Format() => Quantity.Format(Bytes.FromGibibytes(10));
}
