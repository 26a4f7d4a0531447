namespace LocalPv.Sim.CommandLine;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCodes
{
    /// <summary>Every expectation came true and no invariant was broken.</summary>
    internal const int Good = 0;

    /// <summary>Bad arguments, or a scenario that cannot be read.</summary>
    internal const int BadInput = 2;

    /// <summary>An expectation did not come true in time, or it was broken off before all was tried.</summary>
    internal const int NotTrue = 128;

    /// <summary>An invariant was broken.</summary>
    internal const int Broken = 129;
}
