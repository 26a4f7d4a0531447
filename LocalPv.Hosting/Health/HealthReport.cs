using System.Collections.Immutable;

namespace LocalPv.Hosting.Health;

/// <summary>How a process is, check by check.</summary>
/// <param name="Checks">The checks; each says what is wrong where it fails.</param>
public sealed record HealthReport(ImmutableArray<HealthCheck> Checks)
{
    /// <summary>Whether every check holds.</summary>
    public bool IsGood => Checks.All(check => check.Problem.Length == 0);

    /// <summary>One line for each check, as Kubernetes' own components write them.</summary>
    public override string ToString() => string.Concat(Checks.Select(check =>
        check.Problem.Length == 0 ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: {check.Problem}\n"));
}

/// <summary>One check; <paramref name="Problem"/> is empty where it holds.</summary>
public sealed record HealthCheck(string Name, string Problem);
