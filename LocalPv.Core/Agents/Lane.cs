using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>One kind of write to one object: at most one under way, and after a failure none before its time.</summary>
internal sealed class Lane
{
    private int _failures;

    internal bool InFlight { get; private set; }

    internal Instant NotBefore { get; private set; } = Instant.Epoch;

    internal bool IsReady(Instant now) => !InFlight && now >= NotBefore;

    /// <summary>When it may go on after a failure; never where nothing waits.</summary>
    internal Instant Deadline(Instant now) => !InFlight && NotBefore > now ? NotBefore : Instant.Never;

    internal void Begin() => InFlight = true;

    internal void Succeed()
    {
        InFlight = false;
        _failures = 0;
        NotBefore = Instant.Epoch;
    }

    internal void Fail(Instant now, Backoff backoff, ulong spread, TimeSpan? asked = null)
    {
        InFlight = false;
        _failures++;
        NotBefore = now + backoff.After(_failures, spread, asked);
    }
}
