using System.Globalization;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.CommandLine;

/// <summary>
/// Runs many seeds on several workers, and writes one line for each to a file of results. What is in that file already is not run again,
/// so that a run that was broken off, which ends in the middle of a seed, goes on. A seed that fails is made small at once.
/// </summary>
internal sealed class SeedRun(SeedRange seeds, int workers, FileInfo? results, TimeSpan shrinkMost, TextWriter output, TextWriter progress)
{
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly WallClock _watch = new();
    private readonly SortedSet<ulong> _known = [];
    private readonly List<SeedResult> _failed = [];
    private StreamWriter? _file;
    private ulong _next = seeds.First;
    private bool _isExhausted;
    private ulong _done;
    private long _events;
    private TimeSpan _lastProgress;

    /// <summary>Runs all; the exit code.</summary>
    internal int Run(CancellationToken cancellationToken)
    {
        ReadKnown();
        using (_file = results is null ? null : new StreamWriter(results.Open(FileMode.Append, FileAccess.Write, FileShare.Read)))
        {
            var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() => Work(cancellationToken))).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
        }

        var seconds = Math.Max(0.001, _watch.Elapsed.TotalSeconds);
        var isBrokenOff = cancellationToken.IsCancellationRequested;
        output.WriteLine((isBrokenOff ? "broken off: " : "") + string.Create(
            CultureInfo.InvariantCulture,
            $"{_done} seeds in {seconds:0.0} s, {_done / seconds * 60:0} a minute, {_events / seconds:0} events a second; "
            + $"{_known.Count} were known; {_failed.Count} failed"));
        return _failed.Count > 0 ? ExitCodes.Broken : isBrokenOff ? ExitCodes.NotTrue : ExitCodes.Good;
    }

    private void ReadKnown()
    {
        if (results is not { Exists: true })
        {
            return;
        }

        foreach (var line in File.ReadLines(results.FullName))
        {
            if (SeedResult.Read(line) is { } known && known.Seed >= seeds.First && known.Seed <= seeds.Last && _known.Add(known.Seed)
                && !known.IsGood)
            {
                _failed.Add(known);
            }
        }
    }

    private void Work(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && TryTake(out var seed))
        {
            var watch = new WallClock();
            var report = PlanRunner.Run(PlanGenerator.From(seed), new RunOptions { Cancellation = cancellationToken });
            if (cancellationToken.IsCancellationRequested)
            {
                // Broken off: nothing is known of it, and the next run begins it anew.
                return;
            }

            var took = (long)watch.Elapsed.TotalMilliseconds;
            var small = report.IsGood || shrinkMost == TimeSpan.Zero
                ? null
                : ReplayCommand.Shrink(report, shrinkMost, cancellationToken).Smallest.Plan;
            Add(SeedResult.Of(seed, report, took, small));
        }
    }

    private bool TryTake(out ulong seed)
    {
        lock (_gate)
        {
            while (!_isExhausted)
            {
                seed = _next;
                _isExhausted = _next == seeds.Last;
                _next += _isExhausted ? 0UL : 1;
                if (!_known.Contains(seed))
                {
                    return true;
                }
            }
        }

        seed = 0;
        return false;
    }

    private void Add(SeedResult result)
    {
        lock (_gate)
        {
            _done++;
            _events += result.Events;
            _file?.WriteLine(result.ToLine());
            _file?.Flush();
            if (!result.IsGood)
            {
                _failed.Add(result);
                output.WriteLine($"seed {result.Seed}: {result.Invariant}: {result.What}");
                output.WriteLine($"  again: localpv-sim replay {result.Seed}");
                if (result.Plan is { } plan)
                {
                    output.WriteLine("  " + plan.Trim().Replace("\n", "\n  ", StringComparison.Ordinal));
                }
            }

            ShowProgress();
        }
    }

    private void ShowProgress()
    {
        if (_watch.Elapsed - _lastProgress < ProgressPeriod)
        {
            return;
        }

        _lastProgress = _watch.Elapsed;
        progress.WriteLine(ProgressLine.Of(seeds.Count, (ulong)_known.Count, _done, _failed.Count, _watch.Elapsed));
    }
}
