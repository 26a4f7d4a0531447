namespace LocalPv.Hosting.Cli;

/// <summary>How an answer is printed.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document on standard output, and nothing else there.</summary>
    Json,
}
