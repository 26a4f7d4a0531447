using System.Globalization;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Reports;

namespace LocalPv.Sim.Tests.Reports;

/// <summary>The report of a failed run as a person meets it: in a real browser, with a mouse.</summary>
public sealed class ReportInBrowserTests : IAsyncLifetime
{
    private const string Plan = """
        # A disk fills up <b>while</b> the agent is down
        seed 3
        cluster nodes=2 disks=1 disk-size=10Gi
        at 0s class fast nodes=node-2
        at 5s for 10s fault crash agent/node-2
        at 10s pod web claims=data:4Gi:fast
        at 40s pod late claims=more:5Gi:fast
        heal at 1m
        recover 1m
        """;

    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");
    private IReadOnlyList<StoryLine> _story = [];
    private Browser _browser = null!;

    public async Task InitializeAsync()
    {
        var story = new StoryRecorder();
        var report = PlanRunner.Run(
            PlanReader.Read(Plan), new RunOptions { Invariants = () => [new NoSecondPod()], Observers = [story] });
        Assert.False(report.IsGood);
        _story = story.StoryOf(report);
        await File.WriteAllTextAsync(_file, HtmlReport.Write(report, _story, "localpv-sim replay 3"));
        _browser = await Browser.StartAsync();
        await _browser.OpenAsync(_file);
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task Page_OfAFailedRun_ShowsWhatBrokeAndEachMomentThatIsClicked()
    {
        // What broke is what is seen first: its line is in sight, and marked.
        Assert.Equal("A disk fills up <b>while</b> the agent is down", await TextAsync("#title"));
        Assert.Contains("no-second-pod: default/late runs", await TextAsync("#verdict"), StringComparison.Ordinal);
        Assert.Equal("localpv-sim replay 3", await TextAsync("#replay"));
        Assert.Contains("no-second-pod", await TextAsync("tr.Broken td.what"), StringComparison.Ordinal);
        Assert.Equal("true", await IsInSightAsync("tr.Broken td.what"));
        Assert.Equal(
            "rgb(221, 51, 51)",
            await _browser.EvaluateAsync("getComputedStyle(document.querySelector('tr.Broken td.what')).backgroundColor"));

        // A row for each line, in its lane.
        Assert.Equal(Text(Shown.Count()), await CountAsync("tbody tr"));
        Assert.Equal(Text(Shown.Count()), await CountAsync("tbody td.lane b"));
        var lanes = await LanesAsync();
        Assert.Equal(["plan", "fault", "api", "scheduler", "extender"], lanes.Take(5));
        Assert.Contains("agent/node-2", lanes);
        Assert.Contains("lvm/node-2", lanes);

        // The end: the first volume is there, and so is the second Pod's.
        Assert.Contains("Running on node-2", await StateAsync("Pod default/late"), StringComparison.Ordinal);
        Assert.StartsWith("2304/2559 extents used", await StateAsync("vg node-2/fast"), StringComparison.Ordinal);
        Assert.Equal("90", await BarAsync("vg node-2/fast"));

        // While the agent is down.
        await ClickLineAsync(line => line.Kind == StoryKind.Fault && line.State.Length > 0);
        Assert.StartsWith("At 5.000 s", await TextAsync("#moment"), StringComparison.Ordinal);
        Assert.Equal("active", await StateAsync("fault "));
        Assert.NotEqual("0", await _browser.EvaluateAsync(
            $"document.querySelectorAll('tr.now td.lane:nth-child({1 + 1 + lanes.IndexOf("agent/node-2")}).down').length"));
        Assert.Equal("", await StateAsync("Pod default/web"));

        // Between the two Pods.
        await ClickLineAsync(line => line.Thing == "Pod default/web" && line.State.StartsWith("Running", StringComparison.Ordinal));
        Assert.Equal("Running on node-2", await StateAsync("Pod default/web"));
        Assert.StartsWith("1024/2559 extents used", await StateAsync("vg node-2/fast"), StringComparison.Ordinal);
        Assert.Equal("40", await BarAsync("vg node-2/fast"));
        Assert.Equal("", await StateAsync("Pod default/late"));
        Assert.Equal("", await StateAsync("fault "));
        Assert.Equal("1", await CountAsync("tr.now"));

        // One line on and back, to what broke, and with the slider to the very first line.
        var here = await TextAsync("#moment");
        await _browser.ClickAsync("#on");
        Assert.NotEqual(here, await TextAsync("#moment"));
        await _browser.ClickAsync("#back");
        Assert.Equal(here, await TextAsync("#moment"));
        await _browser.ClickAsync("#end");
        Assert.Equal("true", await IsInSightAsync("tr.Broken td.what"));
        var first = Text(_story.ToList().IndexOf(Shown.First()));
        await _browser.EvaluateAsync($"(() => {{ const at = document.getElementById('at'); at.value = {first}; at.oninput(); }})()");
        Assert.Equal("true", await IsInSightAsync($"#row-{first} td.what"));
        Assert.Equal("1", await CountAsync($"#row-{first}.now"));
        Assert.Equal("", await StateAsync("Pod default/web"));
        Assert.Empty(_browser.Errors);
    }

    [Fact]
    public async Task Page_LanesAreHiddenAndLinesAreLookedFor_ShowsTheOthers()
    {
        await _browser.ClickAsync("header details:nth-of-type(2) summary");
        await _browser.ClickAsync("#lanes-shown label:nth-child(3) input");
        Assert.DoesNotContain("api", await LanesAsync());
        Assert.Equal(Text(Shown.Count(line => line.Lane != "api")), await CountAsync("tbody tr"));

        // What the hidden lane has told still counts.
        Assert.Contains("Running on node-2", await StateAsync("Pod default/late"), StringComparison.Ordinal);
        await _browser.ClickAsync("#lanes-shown label:nth-child(3) input");
        Assert.Equal(Text(Shown.Count()), await CountAsync("tbody tr"));
        await _browser.EvaluateAsync("(() => { const find = document.getElementById('find'); find.value = 'DATA'; find.oninput(); })()");
        var found = Shown.Count(line => $"{line.Lane} {line.Text}".Contains("data", StringComparison.OrdinalIgnoreCase));
        Assert.InRange(found, 1, Shown.Count() - 1);
        Assert.Equal(Text(found), await CountAsync("tbody tr"));
        var picture = await _browser.PictureAsync();
        Assert.True(picture.Length > 20_000, $"A picture of {picture.Length} bytes shows nothing.");
        Assert.Empty(_browser.Errors);
    }

    // Lanes in which nothing happens but a start are not shown at first.
    private IEnumerable<StoryLine> Shown => _story.Where(line => _story.Any(other => other.Lane == line.Lane && other.Text != "starts"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<List<string>> LanesAsync() => [.. (await _browser.EvaluateAsync(
        "[...document.querySelectorAll('#lanes th.lane')].map(lane => lane.textContent).join()")).Split(',')];

    private Task<string> TextAsync(string selector) =>
        _browser.EvaluateAsync($"document.querySelector({Browser.Quoted(selector)}).textContent");

    private Task<string> CountAsync(string selector) =>
        _browser.EvaluateAsync($"document.querySelectorAll({Browser.Quoted(selector)}).length");

    // Whether what lies in the middle of an element is the element itself: neither outside of the window nor behind something.
    private Task<string> IsInSightAsync(string selector) => _browser.EvaluateAsync(
        $"(() => {{ const it = document.querySelector({Browser.Quoted(selector)}); const box = it.getBoundingClientRect(); "
        + "return it.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); })()");

    // The state of the first thing whose name begins so, as the side shows it; empty where it shows none.
    private Task<string> StateAsync(string thing) => _browser.EvaluateAsync(
        $"[...document.querySelectorAll('#state dt')].find(name => name.textContent.startsWith({Browser.Quoted(thing)}))"
        + "?.nextElementSibling.textContent ?? ''");

    // How many percent wide the bar of a thing is.
    private Task<string> BarAsync(string thing) => _browser.EvaluateAsync(
        $"(() => {{ const bar = [...document.querySelectorAll('#state dt')].find(name => name.textContent === {Browser.Quoted(thing)})"
        + ".nextElementSibling.nextElementSibling; return Math.round(100 * bar.firstChild.offsetWidth / bar.offsetWidth); })()");

    private Task ClickLineAsync(Func<StoryLine, bool> which) => _browser.ClickAsync(
        string.Create(CultureInfo.InvariantCulture, $"#row-{_story.ToList().FindIndex(line => which(line))} td"));

    private sealed class NoSecondPod : Invariant
    {
        public override string Id => "no-second-pod";

        public override string Statement => "One Pod is enough.";

        public override void OnCommit(Fake.Api.Store.Change change)
        {
            if (change.Object is Core.Kubernetes.Pod { Name: "late", Phase: "Running" } pod)
            {
                Broken($"{pod.Key} runs.");
            }
        }
    }
}
