using System.Globalization;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>
/// One change of an object, in the few words that are compared: when (seconds since the start), which object, and what it says.
/// </summary>
internal sealed record Moment(double At, string Subject, string Text)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At,7:0.000} {Subject} {Text}");
}

/// <summary>
/// Reads the timelines that were recorded on a real control plane, and brings what happened in a <see cref="SchedulerWorld"/> into the same
/// form. Names of volumes and events, versions and messages of others than the scheduler are left out.
/// </summary>
internal static partial class Recording
{
    private static readonly string[] Kinds = ["Pod", "PersistentVolumeClaim", "PersistentVolume"];

    public static JsonList Load(string name) =>
        (JsonList)JsonTree.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Scheduling", "Recordings", name)));

    /// <summary>The changes of the objects whose name (or claim's name) is <paramref name="name"/>.</summary>
    public static List<Moment> Objects(JsonList timeline, string name) =>
        [.. from entry in timeline.Maps()
            let words = (entry.Text("what") ?? "").Split(' ', '/')
            where words.Length == 3 && Kinds.Contains(words[1]) && (words[1] == "PersistentVolume" ? entry.Text("claim") : words[2]) == name
            select new Moment(Seconds(entry), $"{words[0]} {words[1]}", Text(words[1], entry))];

    /// <summary>What the scheduler reported of a Pod.</summary>
    public static List<Moment> Reports(JsonList timeline, string name) =>
        [.. from entry in timeline.Maps()
            where entry.Text("reason") is "FailedScheduling" or "Scheduled" && entry.Text("obj") == name
            select new Moment(Seconds(entry), entry.Text("reason")!, entry.Text("msg")!)];

    public static List<Moment> Objects(SchedulerWorld world, Instant origin, string name) =>
        [.. from entry in world.History
            let kind = entry.Change.Object.Type.Kind
            where Kinds.Contains(kind)
            let subject = entry.Change.Object is PersistentVolume volume ? volume.ClaimKey?.Name : entry.Change.Object.Name
            where subject == name
            select new Moment(
                (entry.At - origin).TotalSeconds,
                $"{entry.Change.Type.ToString().ToUpperInvariant()} {kind}",
                Text(kind, Summary(entry.Change.Object)))];

    public static List<Moment> Reports(SchedulerWorld world, Instant origin, string name) =>
        [.. from entry in world.History
            let body = entry.Change.Object.Tree
            where entry.Change.Object.Type.Kind == "Event" && (body.At("involvedObject", "name") as JsonText)?.Value == name
            select new Moment((entry.At - origin).TotalSeconds, body.Text("reason")!, body.Text("message")!)];

    /// <summary>The same changes in the same order, each at its time give or take <paramref name="tolerance"/> seconds.</summary>
    public static void AssertSame(List<Moment> recorded, List<Moment> actual, double tolerance)
    {
        Assert.Equal(recorded.Select(Words), actual.Select(Words));
        foreach (var (expected, happened) in recorded.Zip(actual))
        {
            Assert.True(
                Math.Abs(expected.At - happened.At) <= tolerance,
                $"recorded {expected}\nhappened {happened}\nmore than {tolerance} s apart");
        }
    }

    public static double Seconds(JsonMap entry) => double.Parse(((JsonNumber)entry["t"]!).Text, CultureInfo.InvariantCulture);

    private static string Text(string kind, JsonMap entry) => kind switch
    {
        "Pod" => $"node={Word(entry["node"])} nominated={Word(entry["nominated"])} {Conditions(entry)}",
        "PersistentVolumeClaim" => $"{Word(entry["phase"])} bound={entry.Text("vol") is not null} {Annotations(entry)}",
        _ => $"{Word(entry["phase"])}",
    };

    private static string Conditions(JsonMap entry) =>
        string.Join(';', entry.List("cond")!.Items.Select(one => string.Join(',', ((JsonList)one).Items.Select(Word))));

    private static string Annotations(JsonMap entry) => string.Join(
        ' ', entry.Map("ann")!.Select(one => $"{one.Key}={((JsonText)one.Value).Value}"));

    private static string Word(JsonTree? tree) => (tree as JsonText)?.Value ?? "";

    // The form in which the recorder noted an object.
    private static JsonMap Summary(KubernetesObject changed) => changed switch
    {
        Pod pod => JsonMap.Of(
            ("node", pod.NodeName),
            ("nominated", pod.Tree.At("status", "nominatedNodeName")),
            ("cond", new JsonList(
                [.. ((pod.Tree.At("status", "conditions") as JsonList)?.Maps() ?? []).Select(one => (JsonTree)JsonList.Of(
                    one.Text("type")!, one.Text("status")!, one.Text("reason") ?? "", Short(one.Text("message"))))]))),
        PersistentVolumeClaim claim => JsonMap.Of(
            ("phase", claim.Phase),
            ("vol", claim.VolumeName.Length > 0 ? claim.VolumeName : null),
            ("ann", JsonMap.OfTexts(claim.Annotations
                .Where(one => !one.Key.StartsWith("volume.beta.", StringComparison.Ordinal))
                .Select(one => new KeyValuePair<string, string>(NameOf(one.Key), ((JsonText)one.Value).Value))))),
        PersistentVolume volume => JsonMap.Of(("phase", volume.Phase)),
        _ => JsonMap.Empty,
    };

    private static string Words(Moment moment) => $"{moment.Subject} {UidInName().Replace(moment.Text, "pvc-UID")}";

    [GeneratedRegex("pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex UidInName();

    private static string NameOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];

    // The recorder kept 160 characters.
    private static string Short(string? message) => message is { Length: > 160 } ? message[..160] : message ?? "";
}
