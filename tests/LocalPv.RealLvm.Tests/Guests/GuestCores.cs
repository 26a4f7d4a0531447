using System.Diagnostics;
using System.Numerics;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>
/// Gives each guest one core of this machine. A guest is two programs, its kernel and what runs on it, of which always one waits for the
/// other: on two cores each of their many turns wakes a sleeping core, which costs a third more. Safe for several threads.
/// </summary>
internal static class GuestCores
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, int> GuestsOf = Allowed().ToDictionary(core => core, _ => 0);

    /// <summary>The number of the core with the fewest guests; give it back when the guest has ended.</summary>
    internal static int Take()
    {
        lock (Gate)
        {
            var core = GuestsOf.MinBy(pair => pair.Value).Key;
            GuestsOf[core]++;
            return core;
        }
    }

    internal static void GiveBack(int core)
    {
        lock (Gate)
        {
            GuestsOf[core]--;
        }
    }

    // The cores that this process may use; the first 64 are enough.
    private static IEnumerable<int> Allowed()
    {
        using var self = Process.GetCurrentProcess();
        var mask = OperatingSystem.IsLinux() ? (ulong)self.ProcessorAffinity : 1;
        for (; mask != 0; mask &= mask - 1)
        {
            yield return BitOperations.TrailingZeroCount(mask);
        }
    }
}
