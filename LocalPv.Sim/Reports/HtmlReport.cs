using System.Text;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Reports;

/// <summary>
/// A run as one HTML page that needs nothing else: lanes of time for the API server, the scheduler, the extender, every agent and every
/// node's LVM; faults and the broken invariant marked; the objects and capacities of any moment beside them.
/// </summary>
public static class HtmlReport
{
    /// <summary>The page. <paramref name="replay"/> is the command that makes this run again.</summary>
    public static string Write(RunReport report, IReadOnlyList<StoryLine> story, string replay)
    {
        var data = JsonMap.Of(
            ("title", report.Plan.Title),
            ("replay", replay),
            ("verdict", report.Violation?.ToString() ?? "nothing was broken"),
            ("isGood", report.IsGood ? JsonBoolean.True : JsonBoolean.False),
            ("hash", report.TraceHash),
            ("plan", PlanWriter.Write(report.Plan)),
            ("lanes", JsonList.OfTexts(Lanes(story))),
            ("lines", new JsonList([.. story.Select(Line)])));
        var page = new StringBuilder(HtmlPage.Head);

        // "</script>" in a text must not end the script.
        page.Append(data.ToString().Replace("<", "\\u003c", StringComparison.Ordinal));
        return page.Append(HtmlPage.Tail).ToString();
    }

    private static JsonTree Line(StoryLine line) => JsonMap.Of(
        ("t", (long)line.At.TotalMilliseconds),
        ("e", line.Event),
        ("l", line.Lane),
        ("x", line.Text),
        ("k", line.Kind.ToString()),
        ("o", line.Thing is { } thing ? new JsonText(thing) : null),
        ("s", line.Thing is not null ? new JsonText(line.State) : null));

    // In the order of a request's way: plan and faults, then Kubernetes, then LocalPv, then LVM.
    private static IEnumerable<string> Lanes(IEnumerable<StoryLine> story) => story
        .Select(line => line.Lane)
        .Distinct(StringComparer.Ordinal)
        .OrderBy(Rank)
        .ThenBy(lane => lane, StringComparer.Ordinal);

    private static int Rank(string lane) => lane switch
    {
        "plan" => 0,
        "fault" => 1,
        "api" => 2,
        "scheduler" => 3,
        _ when lane.StartsWith("extender", StringComparison.Ordinal) => 4,
        _ when lane.StartsWith("controller", StringComparison.Ordinal) => 5,
        _ when lane.StartsWith("agent/", StringComparison.Ordinal) => 6,
        _ when lane.StartsWith("lvm/", StringComparison.Ordinal) => 7,
        _ => 8,
    };
}
