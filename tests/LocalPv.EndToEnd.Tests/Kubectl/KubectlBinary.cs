using System.Diagnostics;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>One kubectl on this machine.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Version">Such as <c>v1.33.1</c>.</param>
/// <param name="Minor">The second number of the version.</param>
public sealed record KubectlBinary(string Path, string Version, int Minor)
{
    /// <summary>All that were found, the oldest first; one for each version.</summary>
    public static IReadOnlyList<KubectlBinary> All { get; } = [.. Find().OrderBy(binary => binary.Minor)];

    /// <inheritdoc/>
    public override string ToString() => Version;

    // kubectl on the PATH, and its siblings of other versions (kubectl.1.27) where it lies, links followed.
    private static List<KubectlBinary> Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries);
        var candidates = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var plain in folders.Select(folder => System.IO.Path.Combine(folder, "kubectl")).Where(File.Exists))
        {
            var real = File.ResolveLinkTarget(plain, returnFinalTarget: true)?.FullName ?? plain;
            candidates.Add(real);
            candidates.UnionWith(Directory.GetFiles(System.IO.Path.GetDirectoryName(real)!, "kubectl*").Where(IsVersioned));
        }

        var found = new SortedDictionary<string, KubectlBinary>(StringComparer.Ordinal);
        foreach (var path in candidates)
        {
            // A dispatcher that forwards to its siblings says so in its version; the siblings are tested themselves.
            if (VersionOf(path) is { } version && !version.Contains("dispatcher", StringComparison.Ordinal))
            {
                found.TryAdd(version, new KubectlBinary(path, version, int.Parse(version.Split('.')[1], CultureInfo.InvariantCulture)));
            }
        }

        return [.. found.Values];
    }

    private static bool IsVersioned(string path) => System.IO.Path.GetFileName(path)["kubectl".Length..].TrimStart('.', '-', 'v')
        .StartsWith("1.", StringComparison.Ordinal);

    private static string? VersionOf(string path)
    {
        var start = new ProcessStartInfo(path, ["version", "--client", "-o", "json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && JsonTree.Parse(text) is JsonMap map ? map.Map("clientVersion")?.Text("gitVersion") : null;
    }
}
