namespace LocalPv.Hosting.Cli;

/// <summary>What the program's exit status means; part of its interface, so numbers are never given another meaning.</summary>
public static class ExitCode
{
    /// <summary>What was asked was done, or a service was stopped as asked.</summary>
    public const int Done = 0;

    /// <summary>What was asked could not be done; the message says why.</summary>
    public const int Failed = 1;

    /// <summary>Wrong arguments, options, kubeconfig or manifests; nothing was begun.</summary>
    public const int WrongInput = 2;

    /// <summary>A bug in the program; the message says where. A supervisor should start it again.</summary>
    public const int Bug = 70;

    /// <summary>Interrupted before it was done.</summary>
    public const int Interrupted = 130;

    /// <summary>The lines that <c>--help</c> ends with.</summary>
    public const string Help = """
        Exit codes:
          0    done, or stopped as asked
          1    could not be done; the message says why
          2    wrong arguments, options, kubeconfig or manifests; nothing was begun
          70   a bug in localpv; a supervisor should start it again
          130  interrupted before it was done
        """;
}
