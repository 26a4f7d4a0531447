using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Provisioning;

/// <summary>One failed attempt to make a claim's volume: a node, and what became of it there.</summary>
/// <param name="Node">The node that could not serve the claim.</param>
/// <param name="Reason">A word that programs may rely on, such as <c>NoSpace</c>.</param>
/// <param name="Message">Why, for a person; at most <see cref="FailedOn.MessageLengthMax"/> characters.</param>
/// <param name="Time">When it failed last.</param>
/// <param name="Count">How often it has failed there while remembered, at least 1.</param>
public sealed record FailedOnEntry(NodeName Node, string Reason, string Message, Instant Time, int Count);

/// <summary>
/// The value of a claim's <c>localpv.io/failed-on</c> annotation: which nodes could not serve it. The scheduler does not remember a failed
/// node and picks it again at once; this is its memory, and the extender reads it. A JSON array with one entry per node.
/// </summary>
public sealed class FailedOn
{
    /// <summary>The longest message that is kept.</summary>
    public const int MessageLengthMax = 300;

    /// <summary>How many nodes are remembered; the oldest go first, so that the annotation stays below 16 KiB.</summary>
    public const int EntriesMax = 16;

    private static readonly Backoff Growth = new(TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));

    private FailedOn(ImmutableArray<FailedOnEntry> entries) => Entries = entries;

    /// <summary>No failure.</summary>
    public static FailedOn Nothing { get; } = new([]);

    /// <summary>The longest that a claim is kept away from a node after one failure there.</summary>
    public static TimeSpan KeptAwayMost => Growth.Most;

    /// <summary>How long a failure is remembered: then its count starts again.</summary>
    public static TimeSpan RememberedFor { get; } = TimeSpan.FromMinutes(30);

    /// <summary>The failures, by node name.</summary>
    public ImmutableArray<FailedOnEntry> Entries { get; }

    /// <summary>Reads the annotation's value. What is not as we write it is passed over: people can edit annotations.</summary>
    public static FailedOn Read(string? annotation)
    {
        if (string.IsNullOrEmpty(annotation))
        {
            return Nothing;
        }

        JsonTree tree;
        try
        {
            tree = JsonTree.Parse(annotation);
        }
        catch (JsonException)
        {
            return Nothing;
        }

        var byNode = new SortedDictionary<NodeName, FailedOnEntry>();
        foreach (var map in (tree as JsonList)?.Maps() ?? [])
        {
            if (ReadEntry(map) is { } entry)
            {
                byNode[entry.Node] = entry;
            }
        }

        return byNode.Count == 0 ? Nothing : new FailedOn([.. byNode.Values]);
    }

    /// <summary>The failure on that node, or null.</summary>
    public FailedOnEntry? On(NodeName node)
    {
        foreach (var entry in Entries)
        {
            if (entry.Node == node)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>
    /// Until when the claim should be kept away from that node: 15 s after the first failure there, doubling up to 5 minutes.
    /// The epoch where it did not fail there.
    /// </summary>
    public Instant KeptAwayUntil(NodeName node) => On(node) is { } entry ? entry.Time + KeptAwayFor(entry.Count) : Instant.Epoch;

    /// <summary>These failures and one more now. Failures on other nodes are kept while they are remembered.</summary>
    public FailedOn With(NodeName node, string reason, string message, Instant now)
    {
        var count = On(node) is { } before && IsRemembered(before, now) ? Math.Min(before.Count, int.MaxValue - 1) + 1 : 1;
        var added = new FailedOnEntry(node, reason, Shorten(message), now, count);
        var kept = Entries
            .Where(entry => entry.Node != node && IsRemembered(entry, now))
            .OrderByDescending(entry => entry.Time)
            .Take(EntriesMax - 1)
            .Append(added)
            .OrderBy(entry => entry.Node);
        return new FailedOn([.. kept]);
    }

    /// <summary>The annotation's value.</summary>
    public override string ToString() => new JsonList(
    [
        .. Entries.Select(entry => (JsonTree)JsonMap.Of(
            ("node", entry.Node.Value),
            ("reason", entry.Reason),
            ("message", entry.Message),
            ("time", entry.Time.ToRfc3339()),
            ("count", entry.Count))),
    ]).ToString();

    private static TimeSpan KeptAwayFor(int count)
    {
        var doubled = (Int128)Growth.First.Ticks << Math.Min(count - 1, 30);
        return new TimeSpan((long)Int128.Min(doubled, Growth.Most.Ticks));
    }

    // A time in the future (another node's clock) counts as remembered: forgetting early would send the claim back at once.
    private static bool IsRemembered(FailedOnEntry entry, Instant now) => now - entry.Time < RememberedFor;

    private static string Shorten(string message)
    {
        if (message.Length <= MessageLengthMax)
        {
            return message;
        }

        var end = char.IsHighSurrogate(message[MessageLengthMax - 2]) ? MessageLengthMax - 2 : MessageLengthMax - 1;
        return message[..end] + "…";
    }

    private static FailedOnEntry? ReadEntry(JsonMap map)
    {
        if (!NodeName.TryParse(map.Text("node"), out var node) || !Instant.TryParseRfc3339(map.Text("time"), out var time))
        {
            return null;
        }

        var count = (int)Math.Clamp(map.Number("count") ?? 1, 1, int.MaxValue);
        return new FailedOnEntry(node, Shorten(map.Text("reason") ?? ""), Shorten(map.Text("message") ?? ""), time, count);
    }
}
