using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// What Helm takes as values of the chart: it holds them against <c>values.schema.json</c> (JSON Schema, draft 7) before it installs, as
/// the validator of Debian does here.
/// </summary>
public sealed partial class HelmValuesTests
{
    private const string Chart = "deploy/helm/localpv/";

    // Merged over the defaults: values that are refused, and what the refusal names.
    private static readonly (string Changes, string Named)[] Wrong =
    [
        ("""{"replica":3}""", "'replica' was unexpected"),
        ("""{"replicas":"3"}""", "'3' is not of type 'integer'"),
        ("""{"replicas":0}""", "0 is less than the minimum of 1"),
        ("""{"replicas":null}""", "None is not of type 'integer'"),
        ("""{"csiDriver":"yes"}""", "'yes' is not of type 'boolean'"),
        ("""{"logFormat":"JSON"}""", "'JSON' is not one of ['text', 'json']"),
        ("""{"provisioner":""}""", "'' does not match"),
        ("""{"provisioner":"Disks.Example"}""", "'Disks.Example' does not match"),
        ("""{"provisioner":"a123456789a123456789a123456789a123456789a123456789a123456789abcd"}""", "is too long"),
        ("""{"image":{"tag":1.5}}""", "1.5 is not of type 'string'"),
        ("""{"image":{"tag":""}}""", "'' does not match"),
        ("""{"image":{"name":"x"}}""", "'name' was unexpected"),
        ("""{"image":{"repository":"registry.example/localpv:1.0"}}""", "'registry.example/localpv:1.0' does not match"),
    ];

    // Values that people set.
    private static readonly string[] Right =
    [
        "{}", """{"global":{"any":"thing"}}""", """{"replicas":1,"logFormat":"text","csiDriver":true,"provisioner":"disks.example"}""",
        """{"image":{"repository":"registry.example:5000/a/b_c","tag":"v1.0-rc.1"}}""", """{"image":{"repository":"localpv"}}""",
    ];

    [Fact]
    public async Task Values_ThatAreWrong_AreRefusedByName_AndThoseThatPeopleSetAreTaken()
    {
        var folder = Directory.CreateTempSubdirectory("localpv-values-").FullName;
        List<string> words = ["--error-format", "{file_name}: {error.message}\n"];
        foreach (var (changes, i) in Wrong.Select(wrong => wrong.Changes).Concat(Right).Select((changes, i) => (changes, i)))
        {
            var file = Path.Combine(folder, $"{i}.json");
            await File.WriteAllTextAsync(file, Merged(Defaults(), (JsonMap)JsonTree.Parse(changes)).ToString());
            words.AddRange(["-i", file]);
        }

        var start = new ProcessStartInfo("jsonschema", [.. words, Repository.File(Chart + "values.schema.json")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var told = (await process.StandardOutput.ReadToEndAsync() + await errors).Split('\n');
        await process.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
        for (var i = 0; i < Wrong.Length + Right.Length; i++)
        {
            var ofThis = told.Where(line => line.StartsWith(Path.Combine(folder, $"{i}.json: "), StringComparison.Ordinal));
            if (i < Wrong.Length)
            {
                Assert.Contains(Wrong[i].Named, string.Join('\n', ofThis), StringComparison.Ordinal);
            }
            else
            {
                Assert.Empty(ofThis);
            }
        }
    }

    // A value without a default would be missing in a template; one that no template reads, or that is not in the schema, is a slip.
    [Fact]
    public void Values_OfTheDefaultsTheSchemaAndTheTemplates_AreTheSame()
    {
        var schema = (JsonMap)JsonTree.Parse(File.ReadAllText(Repository.File(Chart + "values.schema.json")));
        var read = Directory.GetFiles(Repository.File(Chart + "templates"))
            .SelectMany(file => Value().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct();
        var defaults = Leaves(Defaults()).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(defaults, read.Order(StringComparer.Ordinal));
        Assert.Equal(defaults, Described(schema).Where(name => name != "global").Order(StringComparer.Ordinal));
    }

    private static JsonMap Defaults() => DeployFiles.Read(Repository.File(Chart + "values.yaml")).Single();

    private static JsonMap Merged(JsonMap defaults, JsonMap changes) => changes.Aggregate(defaults, (merged, change) => merged.With(
        change.Key,
        change.Value is JsonMap inner && merged.Map(change.Key) is { } known ? Merged(known, inner) : change.Value));

    private static IEnumerable<string> Leaves(JsonMap values) => values.SelectMany(pair => pair.Value is JsonMap inner
        ? Leaves(inner).Select(name => $"{pair.Key}.{name}")
        : [pair.Key]);

    private static IEnumerable<string> Described(JsonMap schema) => schema.Map("properties")!.SelectMany(pair =>
        ((JsonMap)pair.Value).Map("properties") is not null
            ? Described((JsonMap)pair.Value).Select(name => $"{pair.Key}.{name}")
            : [pair.Key]);

    [GeneratedRegex(@"\.Values\.([a-zA-Z.]+)")]
    private static partial Regex Value();
}
