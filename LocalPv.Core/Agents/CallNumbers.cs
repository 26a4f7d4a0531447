namespace LocalPv.Core.Agents;

/// <summary>Numbers the calls and watches of one agent, so that every answer finds its question. Starts at 1; never repeats.</summary>
public sealed class CallNumbers
{
    private long _last;

    /// <summary>The next number.</summary>
    public long Next() => ++_last;
}
