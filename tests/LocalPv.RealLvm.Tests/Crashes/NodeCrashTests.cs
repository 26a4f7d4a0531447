using System.Globalization;
using Xunit.Abstractions;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>
/// The node is killed without warning, kernel and agent at once, at random points of what it does; one long life of one node, so that what
/// a crash leaves is what the next one finds. LOCALPV_CRASHES and LOCALPV_CRASH_SEED make the run longer or repeat it.
/// </summary>
public abstract class NodeCrashTests(ITestOutputHelper output)
{
    // Two halves run beside each other.
    private static readonly int Crashes =
        int.Parse(Environment.GetEnvironmentVariable("LOCALPV_CRASHES") ?? "26", CultureInfo.InvariantCulture);

    // How many commands a deed has at most, reads included.
    private const int CommandsMax = 6;

    private const int ClaimsMax = 3;

    /// <summary>Tells the halves' seeds apart.</summary>
    protected abstract int Half { get; }

    [Fact]
    public async Task Node_KilledAtRandomPoints_LosesDoublesAndLeaksNothing()
    {
        var seed = Environment.GetEnvironmentVariable("LOCALPV_CRASH_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next() + Half;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        await using var life = new NodeLife();
        await life.BootAsync();
        var (killed, deed) = (0, Deed.ReplaceGroup);
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (killed < Crashes)
        {
            // Most kills hit a change; a deed makes one or two, and some more where it wipes.
            var changesOnly = random.Next(4) != 0;
            var changes = deed == Deed.DeleteClaim ? random.Next(5) : random.Next(3) / 2;
            life.Plan.Arm(changesOnly ? changes : random.Next(CommandsMax), changesOnly, random.NextDouble() * 1.2);
            var what = $"seed {seed}, kill {killed}: {deed}";
            try
            {
                await ActAsync(life, deed, random.Next());
                life.Plan.Disarm();
            }
            catch (NodeKilledException)
            {
                var command = life.Plan.KilledDuring!;
                var during = CommandTimes.KindOf(command);
                what += $", killed during {string.Join(' ', command.Arguments.Take(3).Prepend(command.Program))}";
                output.WriteLine(what);
                kinds[during] = kinds.GetValueOrDefault(during) + 1;
                killed++;
                await life.BootAsync();
                await FinishAsync(life, deed);
            }

            await life.CheckAsync(what);
            deed = Next(random, life.ClaimCount);
        }

        output.WriteLine(string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}")));
        Assert.True(kinds.Count >= Math.Min(Crashes / 4, 4), "The kills hit few kinds of commands: " + string.Join(", ", kinds));
    }

    private static Deed Next(Random random, int claims) => claims switch
    {
        0 when random.Next(4) == 0 => Deed.ReplaceGroup,
        0 => Deed.CreateClaim,
        ClaimsMax => random.Next(3) == 0 ? Deed.GrowClaim : Deed.DeleteClaim,
        _ => (Deed)random.Next((int)Deed.ReplaceGroup),
    };

    private static async Task ActAsync(NodeLife life, Deed deed, int which)
    {
        if (deed == Deed.ReplaceGroup && !life.HasClass)
        {
            life.InstallClass();
        }
        else
        {
            life.Do(deed, which);
        }

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

public sealed class NodeCrashTestsOne(ITestOutputHelper output) : NodeCrashTests(output)
{
    protected override int Half => 1;
}

public sealed class NodeCrashTestsTwo(ITestOutputHelper output) : NodeCrashTests(output)
{
    protected override int Half => 2;
}
