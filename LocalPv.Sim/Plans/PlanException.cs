namespace LocalPv.Sim.Plans;

/// <summary>A plan or scenario is wrong; the message names the line and what to write instead.</summary>
public sealed class PlanException : Exception
{
    public PlanException()
    {
    }

    public PlanException(string message)
        : base(message)
    {
    }

    public PlanException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Something is wrong in a line.</summary>
    public PlanException(int line, string problem)
        : base($"line {line}: {problem}")
    {
    }
}
