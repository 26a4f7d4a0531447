using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>Alerts, dashboard and documents speak of metrics and log lines that there are.</summary>
public sealed partial class MonitoringTests
{
    private const string Folder = "deploy/components/monitoring/";

    [Fact]
    public async Task Rules_AreGoodForPrometheusItself()
    {
        var start = new ProcessStartInfo("promtool", ["check", "rules", Repository.File(Folder + "rules.yaml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, text);
    }

    [Fact]
    public void Rules_ForTheOperator_AreTheSame()
    {
        var plain = DeployFiles.Read(Repository.File(Folder + "rules.yaml")).Single();
        var custom = DeployFiles.Read(Repository.File(Folder + "prometheusrule.yaml")).Single();
        Assert.Equal(plain.List("groups"), custom.Map("spec")!.List("groups"));
    }

    [Fact]
    public void RulesAndDashboard_NameOnlyMetricsThatAreDocumented()
    {
        var known = Documented();
        foreach (var file in (string[])["rules.yaml", "dashboard.json"])
        {
            var named = MetricName().Matches(File.ReadAllText(Repository.File(Folder + file))).Select(match => match.Value)
                .Select(name => Suffix().Replace(name, ""));
            Assert.Empty(named.Where(name => !known.Contains(name)).Distinct().Select(name => $"{file}: {name}"));
        }
    }

    [Fact]
    public void Metrics_OfTheSources_AreThoseOfTheDocument()
    {
        var inSources = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in (string[])["Telemetry", "Health", "Composition"])
        {
            foreach (var file in Directory.GetFiles(Repository.File("LocalPv.Hosting/" + folder), "*.cs"))
            {
                foreach (Match made in Instrument().Matches(File.ReadAllText(file)))
                {
                    var unit = made.Groups[1].Value == "Seconds" || made.Groups[3].Value == "s" ? "_seconds"
                        : made.Groups[3].Value == "By" ? "_bytes" : "";
                    var total = made.Groups[1].Value.StartsWith("CreateCounter", StringComparison.Ordinal) ? "_total" : "";
                    inSources.Add(made.Groups[2].Value.Replace('.', '_') + unit + total);
                }
            }
        }

        Assert.Equal(Documented(), inSources);
    }

    [Fact]
    public void LogLines_OfTheSources_HaveIdsOfTheirOwn_AndAreDocumented()
    {
        var document = File.ReadAllText(Repository.File("docs/reference/logs.md"));
        var ids = Directory.GetFiles(Repository.File("LocalPv.Hosting"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => EventId().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Contains($"| {id} |", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Dashboard_IsJsonWithAQueryInEveryPanel()
    {
        var dashboard = (JsonMap)JsonTree.Parse(File.ReadAllText(Repository.File(Folder + "dashboard.json")));
        Assert.All(
            dashboard.List("panels")!.Maps(),
            panel => Assert.NotEmpty(panel.List("targets")!.Maps().Select(target => target.Text("expr"))));
    }

    [Fact]
    public async Task HelmChart_IsWhatItsGeneratorWrites()
    {
        var folder = Directory.CreateTempSubdirectory("localpv-chart-").FullName;
        using var process = Process.Start("bash", [Repository.File("deploy/helm/generate.sh"), folder]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        foreach (var made in Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories))
        {
            var kept = Path.Combine(Repository.File("deploy/helm/localpv"), Path.GetRelativePath(folder, made));
            Assert.True(File.Exists(kept), $"{kept} is missing: run deploy/helm/generate.sh.");
            Assert.Equal(await File.ReadAllTextAsync(made), await File.ReadAllTextAsync(kept));
        }

        Directory.Delete(folder, recursive: true);
    }

    // What Helm would do with the few forms that the templates have.
    [Fact]
    public void HelmChart_WithItsDefaults_SaysWhatTheManifestsSay()
    {
        var values = (JsonMap)DeployFiles.Read(Repository.File("deploy/helm/localpv/values.yaml")).Single();
        foreach (var file in Directory.GetFiles(Repository.File("deploy/helm/localpv/templates"), "*.yaml"))
        {
            var text = Comment().Replace(File.ReadAllText(file), "");
            text = Condition().Replace(text, "").Replace("{{ .Release.Namespace }}", "localpv-system", StringComparison.Ordinal);
            text = Value().Replace(text, match => ValueOf(values, match.Groups[1].Value));
            Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
            text = text.Replace("ghcr.io/localpv/localpv:0.1.0", "localpv", StringComparison.Ordinal)
                .Replace("            - --provisioner=local-volume-provisioner\n", "", StringComparison.Ordinal);
            var rendered = Hosting.Kubernetes.YamlTree.ReadAll(text, file).Value;
            var name = Path.GetFileName(file);
            var plain = name == "csidriver.yaml" ? "deploy/components/csidriver/" + name : "deploy/manifests/" + name;
            Assert.Equal(DeployFiles.Read(Repository.File(plain)), rendered.OfType<JsonMap>());
        }
    }

    private static string ValueOf(JsonMap values, string path) => values.At(path.Split('.')) switch
    {
        JsonText text => text.Value,
        { } other => other.ToString()!,
        null => throw new InvalidOperationException($"values.yaml has no {path}."),
    };

    private static SortedSet<string> Documented() => new(
        File.ReadLines(Repository.File("docs/reference/metrics.md"))
            .Select(line => DocumentedName().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value),
        StringComparer.Ordinal);

    [GeneratedRegex(@"^\| `(localpv_[a-z_]+)` \|")]
    private static partial Regex DocumentedName();

    [GeneratedRegex(@"localpv_[a-z_]+[a-z]")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"_(bucket|count|sum)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("(Seconds|Observe(?:<int>)?|CreateCounter<long>)\\(\\s*\"(localpv[.a-z_]+)\",\\s*(?:null|\"(By|s)\"|)")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"EventId = (\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\{\{- /\*.*?\*/ -\}\}\n")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\{\{- (if \.Values\.\w+|end) \}\}\n")]
    private static partial Regex Condition();

    [GeneratedRegex(@"\{\{ \.Values\.([\w.]+) \}\}")]
    private static partial Regex Value();
}
