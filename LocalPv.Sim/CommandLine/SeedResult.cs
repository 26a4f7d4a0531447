using System.Globalization;
using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.CommandLine;

/// <summary>
/// What came of one seed: one line of JSON in a file of results. Files of several machines are merged by putting one behind the other.
/// </summary>
internal sealed record SeedResult(
    ulong Seed, string TraceHash, long Events, long Milliseconds, string? Invariant, string? What, string? Plan, JsonMap Marks)
{
    internal bool IsGood => Invariant is null;

    internal static SeedResult Of(ulong seed, RunReport report, long milliseconds, Plan? small) => new(
        seed,
        report.TraceHash,
        report.Events,
        milliseconds,
        report.Violation?.Invariant,
        report.Violation?.What,
        small is null ? null : PlanWriter.Write(small),
        JsonMap.FromDistinct(report.Marks.Select(mark => KeyValuePair.Create(mark.Key, (JsonTree)JsonNumber.From(mark.Value)))));

    internal string ToLine() => JsonMap.Of(
        ("seed", new JsonText(Seed.ToString(CultureInfo.InvariantCulture))),
        ("sha256", TraceHash),
        ("events", Events),
        ("milliseconds", Milliseconds),
        ("invariant", Text(Invariant)),
        ("what", Text(What)),
        ("plan", Text(Plan)),
        ("marks", Marks)).ToString();

    /// <summary>Reads a line; null where it is not whole, as after a crash in the middle of it.</summary>
    internal static SeedResult? Read(string line)
    {
        try
        {
            return JsonTree.Parse(line) is JsonMap map && ulong.TryParse(map.Text("seed"), out var seed)
                ? new SeedResult(
                    seed,
                    map.Text("sha256") ?? "",
                    map.Number("events") ?? 0,
                    map.Number("milliseconds") ?? 0,
                    map.Text("invariant"),
                    map.Text("what"),
                    map.Text("plan"),
                    map.Map("marks") ?? JsonMap.Empty)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonText? Text(string? text) => text is null ? null : new JsonText(text);
}
