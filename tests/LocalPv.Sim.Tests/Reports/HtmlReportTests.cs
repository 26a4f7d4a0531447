using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Reports;

namespace LocalPv.Sim.Tests.Reports;

public sealed class HtmlReportTests
{
    private const string Text = """
        # A </script> in the title
        seed 3
        cluster nodes=2 disks=1 disk-size=10Gi
        at 0s class fast nodes=node-2
        at 5s for 10s fault crash agent/node-1
        at 10s pod web claims=data:4Gi:fast
        heal at 1m
        recover 1m
        """;

    [Fact]
    public void Write_ARun_HasItsLanesItsFaultsAndTheStateOfEachMoment()
    {
        var (report, lines) = Run([]);
        Assert.True(report.IsGood, report.Violation?.ToString());
        var data = DataOf(HtmlReport.Write(report, lines, "localpv-sim replay x"));
        var lanes = data.List("lanes")!.Texts().ToList();
        Assert.Equal(["plan", "fault", "api", "scheduler"], lanes.Take(4));
        Assert.Contains("agent/node-2", lanes);
        Assert.Contains("lvm/node-2", lanes);
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in data.List("lines")!.Maps())
        {
            if (line.Text("o") is { } thing)
            {
                states[thing] = line.Text("s")!;
            }
        }

        Assert.Equal("Running on node-2", states["Pod default/web"]);
        Assert.StartsWith("1024/2559 extents used", states["vg node-2/fast"], StringComparison.Ordinal);
        Assert.Equal("", states.Single(state => state.Key.StartsWith("fault ", StringComparison.Ordinal)).Value);
        Assert.Contains(data.List("lines")!.Maps(), line => line.Text("k") == "Fault");
    }

    [Fact]
    public void Write_AFailedRun_EndsWithWhatBroke()
    {
        var (report, lines) = Run([new NoPods()]);
        var page = HtmlReport.Write(report, lines, "localpv-sim replay x");
        var last = DataOf(page).List("lines")!.Maps().Last();
        Assert.Equal("Broken", last.Text("k"));
        Assert.Equal("no-pods: default/web", last.Text("x"));
    }

    [Fact]
    public void Write_AnyRun_IsOnePageThatNeedsNothingElse()
    {
        var (report, lines) = Run([]);
        var page = HtmlReport.Write(report, lines, "localpv-sim replay x");
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("</script>").Length - 1);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);

        // Every element that the script asks for by its name is there.
        foreach (var used in page.Split("byId('").Skip(1).Select(rest => rest[..rest.IndexOf('\'', StringComparison.Ordinal)]))
        {
            Assert.True(
                used.StartsWith("row-", StringComparison.Ordinal) || page.Contains($"id=\"{used}\"", StringComparison.Ordinal), used);
        }
    }

    [Fact]
    public void StoryText_ARun_HasALineForEachChangeOfState()
    {
        var (_, lines) = Run([]);
        using var text = new StringWriter();
        StoryText.Write(text, lines);
        var written = text.ToString();
        Assert.Contains("Pod default/web: placed on node-2", written, StringComparison.Ordinal);
        Assert.Contains("* fault", written, StringComparison.Ordinal);
        Assert.Equal(lines.Count, written.Split('\n').Length - 1);
    }

    private static (RunReport Report, IReadOnlyList<StoryLine> Lines) Run(IEnumerable<Invariant> invariants)
    {
        var story = new StoryRecorder();
        var report = PlanRunner.Run(PlanReader.Read(Text), new RunOptions { Invariants = () => invariants, Observers = [story] });
        return (report, story.StoryOf(report));
    }

    private static JsonMap DataOf(string page)
    {
        const string Begin = "<script type=\"application/json\" id=\"data\">";
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return (JsonMap)JsonTree.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]);
    }

    private sealed class NoPods : Invariant
    {
        public override string Id => "no-pods";

        public override string Statement => "There are no Pods.";

        public override void OnCommit(Fake.Api.Store.Change change)
        {
            if (change.Object is Core.Kubernetes.Pod pod)
            {
                Broken(pod.Key.ToString());
            }
        }
    }
}
