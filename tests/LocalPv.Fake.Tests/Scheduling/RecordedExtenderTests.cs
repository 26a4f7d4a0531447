using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>
/// What the scheduler does with each kind of answer an extender can give: the same as was recorded on a real one (1.36.2).
/// </summary>
public sealed class RecordedExtenderTests
{
    private const double Tolerance = 0.06;

    public static TheoryData<string> Failures => Names("flow7-extender-failures.json");

    public static TheoryData<string, string> Modes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in new[] { "flow8-true.json", "flow8-false.json" })
            {
                foreach (var entry in Recording.Load(file).Maps().Where(entry => entry.Text("case") is not null))
                {
                    data.Add(file, entry.Text("case")!);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Flow7_ExtenderAnswer_HasTheRecordedConsequence(string name)
    {
        var recorded = Entry("flow7-extender-failures.json", name);
        var calls = recorded.List("calls")!.Items.Select(call => Number(((JsonList)call)[0])).ToArray();

        // The second call came at a whole second of the clock; from that the fraction at the start is known.
        var fraction = calls.Length > 1 && calls[1] > 1 ? 2 - calls[1] : 0.4;
        var origin = SchedulerWorld.Start + TimeSpan.FromSeconds(fraction);
        var world = new SchedulerWorld(Cluster.WithExtender(), origin)
        {
            Extender = (verb, _) => Answer(verb, recorded.Map("mode")!, name),
        };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        world.After(TimeSpan.FromMilliseconds(8), () => Cluster.Pod(world, "p"));
        world.Run(TimeSpan.FromSeconds(name == "timeout" ? 6 : 4.6));

        var condition = (JsonList)recorded.List("cond")![0];
        Assert.Equal(((condition[2] as JsonText)?.Value ?? "", ((JsonText)condition[3]).Value), Shortened(world.Condition("p")));
        Assert.Equal(recorded.Text("node") ?? "", world.Pod("p").NodeName);
        Assert.Equal(
            recorded.List("events")!.Texts().First().Replace("f7-" + name, "p", StringComparison.Ordinal),
            Recording.Reports(world, origin, "p")[0].Text);
        if (calls.Length > 0)
        {
            var happened = world.ExtenderCalls.Select(call => (call.At - origin).TotalSeconds).ToArray();
            Assert.Equal(calls.Length, happened.Length);
            Assert.All(calls.Zip(happened), pair => Assert.InRange(pair.Second, pair.First - Tolerance, pair.First + Tolerance));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Flow8_AnswerInBothModes_MeansWhatWasRecorded(string file, string name)
    {
        var recorded = Entry(file, name);
        var extender = new ExtenderSettings { NodeCacheCapable = recorded.Text("nodeCacheCapable") == "true" };
        var body = recorded.Text("raw");
        var world = new SchedulerWorld(Cluster.WithExtender(extender))
        {
            Extender = (verb, arguments) =>
                verb == ExtenderVerb.Prioritize ? StubExtender.Allow(verb, arguments, _ => true, recorded.Text("node") ?? "")
                : body is null ? StubExtender.Allow(verb, arguments, _ => false, "", unresolvable: true)
                : ExtenderWire.Read(extender, verb, 200, Encoding.UTF8.GetBytes(body)),
        };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Pod(world, "p");
        world.Run(TimeSpan.FromSeconds(2));

        var condition = (JsonList)recorded.List("cond")![0];
        Assert.Equal(recorded.Text("node") ?? "", world.Pod("p").NodeName);
        Assert.Equal(((condition[2] as JsonText)?.Value ?? "", ((JsonText)condition[3]).Value), Shortened(world.Condition("p")));
        var calls = recorded.List("calls")!.Items.Cast<JsonList>();
        Assert.Equal(
            calls.Select(call => $"{((JsonText)call[1]).Value[4..]} {Sorted(((JsonList)call[0]).Texts())}"),
            world.ExtenderCalls.Select(call => $"{NameOf(call.Verb)} {Sorted(call.Arguments.CandidateNames)}"));
    }

    [Theory]
    [InlineData("cache-true-1pvc", true)]
    [InlineData("cache-false-1pvc", false)]
    public void Wire_OfARecordedCall_IsReadAndWrittenUnchanged(string name, bool nodeCacheCapable)
    {
        foreach (var verb in new[] { "001-filter", "002-prioritize" })
        {
            var body = (JsonMap)JsonTree.Parse(ReadFile($"{name}-{verb}.request.json"));
            var arguments = ExtenderWire.ReadArguments(body);

            Assert.Equal(nodeCacheCapable, arguments.NodeNames is not null);
            Assert.Equal(["node-a", "node-b", "node-c"], arguments.CandidateNames.Order(StringComparer.Ordinal));
            Assert.Equal(body, ExtenderWire.Write(arguments));
        }
    }

    [Fact]
    public void Wire_OfRecordedAnswers_IsRead()
    {
        var extender = new ExtenderSettings();
        var filtered = (ExtenderAnswer.Filtered)ExtenderWire.Read(
            extender, ExtenderVerb.Filter, 200, ReadFile("cache-true-1pvc-001-filter.response.json")).Value;
        var prioritized = (ExtenderAnswer.Prioritized)ExtenderWire.Read(
            extender, ExtenderVerb.Prioritize, 200, ReadFile("cache-true-1pvc-002-prioritize.response.json")).Value;

        Assert.Equal(3, filtered.NodeNames!.Value.Length);
        Assert.Null(filtered.Nodes);
        Assert.Equal(["node-a", "node-b", "node-c"], prioritized.Hosts.Select(host => host.Host).Order(StringComparer.Ordinal));
    }

    private static TheoryData<string> Names(string file) => [.. Recording.Load(file).Maps().Select(entry => entry.Text("case")!)];

    private static JsonMap Entry(string file, string name) => Recording.Load(file).Maps().First(entry => entry.Text("case") == name);

    private static byte[] ReadFile(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Scheduling", "Recordings", name));

    private static double Number(JsonTree tree) => double.Parse(((JsonNumber)tree).Text, CultureInfo.InvariantCulture);

    private static string NameOf(ExtenderVerb verb) => verb == ExtenderVerb.Filter ? "filter" : "prioritize";

    private static string Sorted(IEnumerable<string> names) => string.Join(',', names.Order(StringComparer.Ordinal));

    // The recorder kept 160 characters.
    private static (string Reason, string Message) Shortened((string Reason, string Message) condition) =>
        condition with { Message = condition.Message.Length > 160 ? condition.Message[..160] : condition.Message };

    // What the recorded extender did; null hangs.
    private static Outcome<ExtenderAnswer>? Answer(ExtenderVerb verb, JsonMap mode, string name)
    {
        var extender = new ExtenderSettings();
        if (verb == ExtenderVerb.Prioritize || name == "timeout")
        {
            return null;
        }

        if (name == "refused")
        {
            return ExtenderWire.ConnectionRefused(extender, verb, "127.0.0.1:8900");
        }

        if (mode.Text("error") is { } error)
        {
            return ExtenderWire.Read(extender, verb, 200, Encoding.UTF8.GetBytes($"{{\"Error\":\"{error}\"}}"));
        }

        return ExtenderWire.Read(extender, verb, (int)(mode.Number("status") ?? 200), Encoding.UTF8.GetBytes(mode.Text("raw") ?? ""));
    }
}
