using System.Globalization;
using Xunit.Abstractions;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>
/// The node is killed without warning, kernel and agent at once: first before each command that its deeds have, or after it, then at
/// random moments of them. It is one long life of one node, so that what a crash leaves is what the next one finds. LOCALPV_CRASHES and
/// LOCALPV_CRASH_SEED make the run longer or repeat it.
/// </summary>
public abstract class NodeCrashTests(ITestOutputHelper output)
{
    // Two halves run beside each other: one that first kills before each command, and one that first kills after it.
    private static readonly int Crashes =
        int.Parse(Environment.GetEnvironmentVariable("LOCALPV_CRASHES") ?? "26", CultureInfo.InvariantCulture);

    private const int ClaimsMax = 3;

    /// <summary>The moment at which each command is killed for the first time: 0 before it, 1 after it.</summary>
    protected abstract int First { get; }

    [Fact]
    public async Task Node_KilledAtEveryCommand_LosesDoublesAndLeaksNothing()
    {
        var seed = Environment.GetEnvironmentVariable("LOCALPV_CRASH_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var points = new KillPoints(random, First);
        await using var life = new NodeLife();
        await life.BootAsync();
        life.InstallClass();
        await life.SettleAsync();
        var killed = 0;
        while (killed < Crashes || points.Left.Count > 0)
        {
            var (deed, at, part) = points.Next(Possible(life));
            life.Plan.Arm(at, part);
            var what = $"seed {seed}, kill {killed}: {deed}";
            try
            {
                await ActAsync(life, deed, random.Next());
                points.Learn(deed, life.Plan.Seen);
                life.Plan.Disarm();
            }
            catch (NodeKilledException)
            {
                var during = life.Plan.KilledDuring!;
                what += string.Create(
                    CultureInfo.InvariantCulture,
                    $", killed {part:0.00} through {string.Join(' ', during.Arguments.Take(3).Prepend(during.Program))}");
                output.WriteLine(what);
                points.Note(deed, at!.Value);
                killed++;
                await life.BootAsync();
                await FinishAsync(life, deed);
            }

            await life.CheckAsync(what);
        }

        output.WriteLine($"{killed} kills of {points.Killed} commands");
        Assert.True(points.Killed >= 10, $"Only {points.Killed} commands were killed: the deeds have more.");
    }

    private static Deed[] Possible(NodeLife life) => life.ClaimCount switch
    {
        0 => [Deed.ReplaceGroup, Deed.CreateClaim],
        ClaimsMax => [Deed.GrowClaim, Deed.DeleteClaim],
        _ => [Deed.CreateClaim, Deed.GrowClaim, Deed.DeleteClaim],
    };

    private static async Task ActAsync(NodeLife life, Deed deed, int which)
    {
        life.Do(deed, which);
        await life.SettleAsync();
        await FinishAsync(life, deed);
    }

    // A class that went takes its group with it; the next deed needs one again.
    private static async Task FinishAsync(NodeLife life, Deed deed)
    {
        await life.SettleAsync();
        if (deed == Deed.ReplaceGroup && !life.HasClass)
        {
            life.InstallClass();
            await life.SettleAsync();
        }
    }
}

public sealed class NodeCrashTestsBefore(ITestOutputHelper output) : NodeCrashTests(output)
{
    protected override int First => 0;
}

public sealed class NodeCrashTestsAfter(ITestOutputHelper output) : NodeCrashTests(output)
{
    protected override int First => 1;
}
