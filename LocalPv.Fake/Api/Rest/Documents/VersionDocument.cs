using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary><c>/version</c>: the version of Kubernetes whose behaviour this server keeps.</summary>
public static class VersionDocument
{
    /// <summary>The document.</summary>
    public static JsonMap Tree { get; } = JsonMap.Of(
        ("major", "1"),
        ("minor", "36"),
        ("emulationMajor", "1"),
        ("emulationMinor", "36"),
        ("minCompatibilityMajor", "1"),
        ("minCompatibilityMinor", "35"),
        ("gitVersion", "v1.36.2+localpv-embedded"),
        ("gitCommit", ""),
        ("gitTreeState", "clean"),
        ("buildDate", "1970-01-01T00:00:00Z"),
        ("goVersion", ""),
        ("compiler", "roslyn"),
        ("platform", "dotnet/any"));
}
