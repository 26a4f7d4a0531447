using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace LocalPv.Benchmarks;

/// <summary>
/// Many short iterations in this process, after as many that let the runtime compile what is hot a second time: the fastest and the middle
/// one say what the code costs also while other programs use the machine, and a class of two dozen cases takes a minute.
/// </summary>
public sealed class ShortRun : ManualConfig
{
    /// <summary>The configuration.</summary>
    public ShortRun()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithGcForce(false)
            .WithWarmupCount(60)
            .WithIterationCount(40)
            .WithIterationTime(TimeInterval.FromMilliseconds(15)));
        AddColumn(StatisticColumn.Min, StatisticColumn.Median);
    }
}
