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
    public Task Rules_AreGoodForPrometheusItself() => PromtoolAsync("check", "rules", Repository.File(Folder + "rules.yaml"));

    // One series that lets an alert fire and one that does not, for each alert.
    [Fact]
    public async Task Alerts_FireWhenTheyShould()
    {
        var file = Repository.File("tests/LocalPv.EndToEnd.Tests/Deploy/rules.test.yaml");
        await PromtoolAsync("test", "rules", file);
        var tested = File.ReadAllText(file);
        var alerts = DeployFiles.Read(Repository.File(Folder + "rules.yaml")).Single().List("groups")!.Maps()
            .SelectMany(group => group.List("rules")!.Maps()).Select(rule => rule.Text("alert")!);
        Assert.All(alerts, alert => Assert.Contains($"alertname: {alert}\n", tested, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dashboard_AsksWhatPrometheusUnderstands()
    {
        var dashboard = (JsonMap)JsonTree.Parse(File.ReadAllText(Repository.File(Folder + "dashboard.json")));
        var rules = dashboard.List("panels")!.Maps().SelectMany(panel => panel.List("targets")!.Maps())
            .Select((target, i) => JsonMap.Of(("record", new JsonText($"panel:{i}")), ("expr", new JsonText(target.Text("expr")!))));
        var group = JsonMap.Of(("name", new JsonText("panels")), ("rules", new JsonList([.. rules])));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, JsonMap.Of(("groups", new JsonList([group]))).ToString());
        await PromtoolAsync("check", "rules", file);
        File.Delete(file);
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

    // What is told on an object, and what is noted on a claim that was given back.
    [Fact]
    public void Reasons_OfTheSources_AreThoseOfTheDocument()
    {
        var sources = string.Concat(
            ((string[])["LocalPv.Core/Agents", "LocalPv.Core/Provisioning"])
                .SelectMany(folder => Directory.GetFiles(Repository.File(folder), "*.cs"))
                .Select(File.ReadAllText));
        var document = File.ReadAllText(Repository.File("docs/operate.md"));
        var documented = document.Split('\n').Where(line => ReasonRow().IsMatch(line))
            .SelectMany(line => ReasonName().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value)).ToHashSet();
        Assert.True(documented.Count > 25, $"Only {documented.Count} reasons were found in the document.");
        Assert.All(documented, reason => Assert.Contains($"\"{reason}\"", sources, StringComparison.Ordinal));
        var told = Reason().Matches(sources).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(told.Count > 20, $"Only {told.Count} reasons were found in the sources.");
        Assert.Empty(told.Except(documented));
    }

    [Fact]
    public void Dashboard_IsJsonWithAQueryInEveryPanel()
    {
        var dashboard = (JsonMap)JsonTree.Parse(File.ReadAllText(Repository.File(Folder + "dashboard.json")));
        Assert.All(
            dashboard.List("panels")!.Maps(),
            panel => Assert.NotEmpty(panel.List("targets")!.Maps().Select(target => target.Text("expr"))));
    }

    private static async Task PromtoolAsync(params string[] words)
    {
        var start = new ProcessStartInfo("promtool", words) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, text);
    }

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

    [GeneratedRegex("(?:new Unserved\\(|Blocked\\(\\s*situation,|events\\.(?:Warning|Normal)\\(\\s*[\\w.]+,)\\s*\"([A-Z][A-Za-z]+)\"")]
    private static partial Regex Reason();

    [GeneratedRegex(@"^\| `[A-Z][A-Za-z]+`[^|]* \|")]
    private static partial Regex ReasonRow();

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex ReasonName();

    [GeneratedRegex(@"EventId = (\d+)")]
    private static partial Regex EventId();
}
