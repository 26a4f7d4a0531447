using System.CommandLine;

namespace LocalPv.Museum;

/// <summary>The simulator with planted bugs, for tests only: <c>localpv-sim museum</c>.</summary>
public static class Program
{
    /// <summary>Runs the program.</summary>
    public static int Main(string[] args)
    {
        var root = new RootCommand("The simulator, built with planted bugs: how soon are they found, and by what?")
        {
            MuseumCommand.Create(),
        };
        return root.Parse(args).Invoke();
    }
}
