namespace LocalPv.Sim;

/// <summary>The entry point.</summary>
public static class Program
{
    /// <summary>Runs the program.</summary>
    public static int Main() => 0;
}
