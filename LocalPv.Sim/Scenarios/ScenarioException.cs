namespace LocalPv.Sim.Scenarios;

/// <summary>A scenario's text is wrong; the message names the line and what to write instead.</summary>
public sealed class ScenarioException : Exception
{
    public ScenarioException()
    {
    }

    public ScenarioException(string message)
        : base(message)
    {
    }

    public ScenarioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Something is wrong in a line.</summary>
    public ScenarioException(int line, string problem)
        : base($"line {line}: {problem}")
    {
    }
}
