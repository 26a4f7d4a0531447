using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;

namespace LocalPv.Contracts;

/// <summary>
/// How properties are tried: with the same values in every run, so that a red test is red on every machine and says something about the
/// change at hand. Other values are tried with <c>LOCALPV_SEED</c>, a whole number; FsCheck prints the seed of what it finds.
/// </summary>
public static class Tries
{
    private const ulong UsualSeed = 20_261_122;

    // The step of the generator's stream; any odd number will do.
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    /// <summary>So many tries; the first value for which the property does not hold, made small, fails the test.</summary>
    public static Config Of(int count)
    {
        var seed = Environment.GetEnvironmentVariable("LOCALPV_SEED") is { Length: > 0 } asked
            ? ulong.Parse(asked, CultureInfo.InvariantCulture)
            : UsualSeed;
        var from = new Replay(new Rnd(seed, Step), FSharpOption<int>.None);
        return Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(FSharpOption<Replay>.Some(from));
    }
}
