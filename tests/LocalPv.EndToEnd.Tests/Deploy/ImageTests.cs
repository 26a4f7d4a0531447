using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// The two ways to the image lead to the same, and the manifests find in it what they start. That it builds and runs is for
/// <c>tests/image.sh</c> to show.
/// </summary>
public sealed partial class ImageTests
{
    private static readonly string Script = File.ReadAllText(Repository.File("deploy/image/build.sh"));
    private static readonly string Dockerfile = File.ReadAllText(Repository.File("deploy/image/Dockerfile"));

    [Fact]
    public void Packages_OfBothWays_AreTheSame()
    {
        var scripted = Regex.Match(Script, "(?m)^packages=(.+)$").Groups[1].Value.Split(',');
        var listed = Regex.Match(Dockerfile, @"--no-install-recommends([^&]+)&&").Groups[1].Value
            .Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(scripted);
        Assert.Equal(scripted.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Folders_OfBothWays_AreTheSame_AndHoldWhatTheManifestsStart()
    {
        var scripted = Paths().Matches(Script).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal).ToList();
        var listed = Paths().Matches(Dockerfile).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(scripted, listed);
        var programs = DeployFiles.Manifests
            .Select(manifest => manifest.At("spec", "template", "spec") as JsonMap).OfType<JsonMap>()
            .SelectMany(pod => pod.List("containers")!.Maps())
            .Select(container => container.List("command")?.Texts().Last(word => word.EndsWith("/localpv", StringComparison.Ordinal)))
            .ToList();
        Assert.Equal(3, programs.Count);
        Assert.All(programs, program => Assert.True(
            program == "/usr/bin/localpv" || scripted.Contains(Path.GetDirectoryName(program)!), $"{program} is not in the image."));
    }

    [Theory]
    [InlineData("deploy/image/build.sh")]
    [InlineData("deploy/image/publish.sh")]
    [InlineData("deploy/helm/generate.sh")]
    [InlineData("tests/footprint.sh")]
    [InlineData("tests/image.sh")]
    public async Task Script_IsOneThatTheShellReads(string name)
    {
        using var process = Process.Start("bash", ["-n", Repository.File(name)]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    [GeneratedRegex(@"/usr/lib/localpv(-\w+)?\b")]
    private static partial Regex Paths();
}
