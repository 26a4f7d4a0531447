using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// Where somebody sits who types what the documents say: a folder that looks like the repository's, with the programs on the path, a
/// kubeconfig, and an <c>/etc</c> of its own.
/// </summary>
internal sealed partial class Desk(string kubeconfig) : IDisposable
{
    // Generous: the machine may be busy, and a command ends as soon as it can.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-docs-").FullName;

    private readonly List<string> _times = [];

    /// <summary>What went wrong, command for command.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>How long each command took.</summary>
    public string Times => string.Join('\n', _times);

    /// <summary>Lays out what a reader has before the first command.</summary>
    public async Task PrepareAsync()
    {
        foreach (var name in (string[])["deploy", "docs", "tests"])
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder, name), Repository.File(name));
        }

        Directory.CreateDirectory(Path.Combine(_folder, "bin"));
        Directory.CreateDirectory(Path.Combine(_folder, "etc/rancher/k3s"));
        await WriteAsync("kubeconfig", kubeconfig);
        var configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name;
        await ProgramAsync("localpv", Path.Combine(AppContext.BaseDirectory, "localpv.dll"));
        await ProgramAsync("localpv-sim", Repository.File($"LocalPv.Sim/bin/{configuration}/net10.0/localpv-sim.dll"));

        // Files of the reader's own.
        await WriteAsync("other.jsonl", "");
        await WriteAsync("results.jsonl", "");
        await WriteAsync("copy-job.yaml", Up.UpWorld.PodWithClaim("copy", "1Gi", "adopted"));
        var example = await File.ReadAllTextAsync(Repository.File("deploy/examples/30-statefulset.yaml"));
        await WriteAsync("my-statefulset.yaml", example.Replace("name: db", "name: mine", StringComparison.Ordinal));
    }

    /// <summary>Types a script of a document, and notes what was wrong.</summary>
    public async Task TypeAsync(string document, string script)
    {
        var began = Stopwatch.GetTimestamp();
        var wrong = await RunAsync(script);
        _times.Add(FormattableString.Invariant($"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s {document}: {script.Trim()}"));
        if (wrong.Length > 0)
        {
            Wrong.Add($"{document}: {script}\n{wrong}");
        }
    }

    /// <summary>Where an absolute path that a document names lies here.</summary>
    public string PathOf(string path) => Path.Combine(_folder, path.TrimStart('/'));

    /// <summary>The only YAML document of such a file.</summary>
    public JsonMap Read(string path) => DeployFiles.Read(PathOf(path)).Single();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> RunAsync(string script)
    {
        script = Shortened(script);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = Path.Combine(_folder, "kubeconfig");
        start.Environment["PATH"] = Path.Combine(_folder, "bin") + ":" + start.Environment["PATH"];
        foreach (var proxy in (string[])["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"])
        {
            start.Environment.Remove(proxy);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return $"has not ended within {Limit}\n{await output}\n{await errors}";
        }

        // A plan in which something does not fit is an answer too, and has an exit code of its own.
        var isGood = process.ExitCode == 0 || (process.ExitCode == 128 && script.StartsWith("localpv-sim plan ", StringComparison.Ordinal));
        return isGood ? "" : $"exit code {process.ExitCode}\n{await output}\n{await errors}";
    }

    private async Task ProgramAsync(string name, string assembly)
    {
        Assert.True(File.Exists(assembly), $"{assembly} is not there: build the solution.");
        var path = Path.Combine("bin", name);
        await WriteAsync(path, $"#!/bin/sh\nexec dotnet '{assembly}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_folder, path), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder, name), text);

    // What is typed for a document's words: the built program for one that would be built, and short ranges for long ones.
    private static string Shortened(string script)
    {
        script = SimulatorFromSource().Replace(script, "localpv-sim ");
        script = Seeds().Replace(script, "--seeds $1..$1");
        script = Sweep().Replace(script, "$1$2 --every 997");
        script = script.Replace(" SEED", " 4711", StringComparison.Ordinal);
        script = script.Replace("namespace NAME", "namespace default", StringComparison.Ordinal);
        return FromRoot().Replace(script, "etc/");
    }

    [GeneratedRegex(@"dotnet run (-c \w+ )?--project LocalPv\.Sim -- ")]
    private static partial Regex SimulatorFromSource();

    [GeneratedRegex(@"--seeds (\d+)\.\.\d+")]
    private static partial Regex Seeds();

    // An option given twice is an error.
    [GeneratedRegex(@"(localpv-sim sweep)\b(?!.*--every)|(localpv-sim sweep\b.*) --every \d+")]
    private static partial Regex Sweep();

    [GeneratedRegex(@"(?<= )/etc/")]
    private static partial Regex FromRoot();
}
