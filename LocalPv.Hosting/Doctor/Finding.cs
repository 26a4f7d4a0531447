namespace LocalPv.Hosting.Doctor;

/// <summary>How serious a finding is.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>LocalPv works, but something is missing, or worth knowing.</summary>
    Warning,

    /// <summary>LocalPv cannot work here like this.</summary>
    Failure,
}

/// <summary>What one check found.</summary>
/// <param name="Check">The check; a stable name, for scripts.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Message">What was found.</param>
/// <param name="Remedy">How to mend it; empty where there is nothing to mend.</param>
public sealed record Finding(string Check, Severity Severity, string Message, string Remedy = "")
{
    /// <summary>All is well.</summary>
    public static Finding Good(string check, string message) => new(check, Severity.Good, message);

    /// <summary>Something to know.</summary>
    public static Finding Warning(string check, string message, string remedy) => new(check, Severity.Warning, message, remedy);

    /// <summary>Something to mend.</summary>
    public static Finding Failure(string check, string message, string remedy) => new(check, Severity.Failure, message, remedy);
}
