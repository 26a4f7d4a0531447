namespace LocalPv.Hosting.Workers;

/// <summary>How the process is going to end. Safe for any thread.</summary>
public sealed class ProcessFate
{
    private int _bug;

    /// <summary>Whether a bug was found; the exit code says so.</summary>
    public bool HasBug => Volatile.Read(ref _bug) != 0;

    /// <summary>A bug was found.</summary>
    public void FoundBug() => Volatile.Write(ref _bug, 1);
}
