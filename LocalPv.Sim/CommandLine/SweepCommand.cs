using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Sweeps;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim sweep [SEED|PLANFILE]</c>.</summary>
internal static class SweepCommand
{
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(2);

    internal static Command Create()
    {
        var words = SweepCatalog.All.Select(sweep => sweep.Word).ToArray();
        var what = new Argument<string?>("SEED|PLANFILE")
        {
            Description = "The plan to sweep, with 'heal at'; a small reference plan where none is named.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var kind = new Option<string[]>("--kind")
        {
            Description = $"Which sweeps: {string.Join(", ", words)}; all of them where none is named.",
            AllowMultipleArgumentsPerToken = true,
        };
        kind.AcceptOnlyFromAmong(words);
        var every = new Option<int>("--every") { Description = "Try only every so manieth case.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers")
        {
            Description = "How many cases to run at once.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var command = new Command(
            "sweep",
            "Runs a plan once, and then again with every single thing that can go wrong at every moment that matters: a crash before and "
            + "after every effect, every lost answer, every stretch of writes seen late or never. Exit code: 0 good, 2 bad input, 129 an "
            + "invariant was broken.")
        { what, kind, every, workers };
        command.SetAction(parsed =>
        {
            using var breakOff = new BreakOff();
            return Run(
                parsed.GetValue(what),
                parsed.GetValue(kind) is { Length: > 0 } chosen ? chosen : words,
                parsed.GetValue(every),
                parsed.GetValue(workers),
                breakOff.Token);
        });
        return command;
    }

    private static int Run(string? what, string[] kinds, int every, int workers, CancellationToken cancellationToken)
    {
        if (every < 1 || workers is < 1 or > 1024)
        {
            Console.Error.WriteLine("--every is 1 or more, --workers 1 to 1024.");
            return ExitCodes.BadInput;
        }

        Reference reference;
        try
        {
            reference = Reference.Of(what is null ? ReferencePlan.Read() : PlanFile.Read(what));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlanException or ArgumentException)
        {
            Console.Error.WriteLine($"{what}: {error.Message}");
            return ExitCodes.BadInput;
        }

        if (reference.Report.Violation is { } alone)
        {
            Console.Error.WriteLine($"The plan fails by itself: {alone}. Mend that first.");
            return ExitCodes.Broken;
        }

        var failed = 0;
        foreach (var (word, cases) in SweepCatalog.All)
        {
            if (kinds.Contains(word, StringComparer.Ordinal))
            {
                ImmutableArray<SweepCase> chosen = [.. cases(reference).Where((_, index) => index % every == 0)];
                failed += RunCases(word, chosen, workers, cancellationToken);
            }
        }

        return cancellationToken.IsCancellationRequested ? ExitCodes.NotTrue : failed == 0 ? ExitCodes.Good : ExitCodes.Broken;
    }

    private static int RunCases(string word, ImmutableArray<SweepCase> cases, int workers, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var watch = new WallClock();
        var (next, done, failed, shown) = (0, 0, 0, TimeSpan.Zero);
        void Work()
        {
            while (!cancellationToken.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index <= cases.Length)
            {
                var report = PlanRunner.Run(cases[index - 1].Plan, new RunOptions { Cancellation = cancellationToken });
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                lock (gate)
                {
                    done++;
                    if (report.Violation is { } violation)
                    {
                        failed++;
                        Console.Out.WriteLine($"{word}: {cases[index - 1].What}: {violation}");
                        Console.Out.WriteLine("  " + PlanWriter.Write(report.Plan).Trim().Replace("\n", "\n  ", StringComparison.Ordinal));
                    }

                    if (watch.Elapsed - shown > ProgressPeriod)
                    {
                        shown = watch.Elapsed;
                        var left = watch.Elapsed * ((double)(cases.Length - done) / done);
                        Console.Error.WriteLine(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{word} {100.0 * done / cases.Length,5:0.0} %  {done} cases  {failed} failed  {left:hh\\:mm\\:ss} left"));
                    }
                }
            }
        }

        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{word}: {done} of {cases.Length} cases in {watch.Elapsed.TotalSeconds:0.0} s; {failed} failed"));
        return failed;
    }
}
