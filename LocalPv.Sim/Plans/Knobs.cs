using System.Collections.Immutable;
using System.Globalization;

namespace LocalPv.Sim.Plans;

/// <summary>The settings of a plan that differ from the defaults, by the names of <see cref="KnobCatalog"/>.</summary>
public sealed record Knobs
{
    private readonly ImmutableSortedDictionary<string, string> _values;

    private Knobs(ImmutableSortedDictionary<string, string> values) => _values = values;

    /// <summary>Every setting has its default.</summary>
    public static Knobs None { get; } = new(ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>How many settings differ.</summary>
    public int Count => _values.Count;

    /// <summary>The names and values that differ, in order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Values => _values;

    /// <summary>
    /// These settings with one more; throws <see cref="FormatException"/>, saying why, where there is no such knob or value.
    /// </summary>
    public Knobs With(string name, string value)
    {
        var knob = KnobCatalog.Find(name)
            ?? throw new FormatException($"'{name}' is no knob: use {string.Join(", ", KnobCatalog.All.Select(known => known.Name))}.");
        return Parse(knob, value) is null
            ? throw new FormatException($"'{value}' is no value of {name}: {knob.Hint}.")
            : new Knobs(_values.SetItem(name, value));
    }

    /// <summary>These settings without one.</summary>
    public Knobs Without(string name) => new(_values.Remove(name));

    /// <summary>A duration.</summary>
    public TimeSpan Duration(string name) => new(Value(name));

    /// <summary>A number.</summary>
    public int Number(string name) => (int)Value(name);

    private long Value(string name)
    {
        var knob = KnobCatalog.Find(name) ?? throw new ArgumentException($"There is no knob '{name}'.", nameof(name));
        return Parse(knob, _values.GetValueOrDefault(name, knob.Default))!.Value;
    }

    private static long? Parse(KnobInfo knob, string value)
    {
        if (knob.IsDuration)
        {
            return PlanText.TryDuration(value, out var duration) && duration > TimeSpan.Zero ? duration.Ticks : null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= knob.Least && number <= 1_000_000
            ? number
            : null;
    }
}

/// <summary>A setting that plans may change.</summary>
/// <param name="Name">Its name in plans.</param>
/// <param name="Default">What it is where a plan does not say.</param>
/// <param name="Odd">Values that a random plan may choose: legal, but seldom seen.</param>
/// <param name="IsDuration">Whether it is a duration; otherwise a whole number.</param>
public sealed record KnobInfo(string Name, string Default, ImmutableArray<string> Odd, bool IsDuration)
{
    /// <summary>The least legal number.</summary>
    public int Least { get; init; } = 1;

    /// <summary>What values look like.</summary>
    public string Hint => IsDuration ? "write a duration such as 250ms, 5s, 2m or 1h" : "write a whole number";
}

/// <summary>All knobs.</summary>
public static class KnobCatalog
{
    /// <summary>Every knob, in the order of their names.</summary>
    public static ImmutableArray<KnobInfo> All { get; } =
    [
        Time("agent.api-timeout", "15s", "3s", "30s"),
        Time("agent.hung-after", "30s", "5s", "2m"),
        Time("agent.missing-group-grace", "30s", "5s", "2m"),
        Time("agent.mutation-timeout", "1m", "10s", "90s"),
        Time("agent.orphan-grace", "2m", "3m", "5m"),
        Time("agent.report-period", "5m", "2m", "10m"),
        Time("agent.scan-gap", "500ms", "10ms", "5s"),
        Time("agent.scan-period", "60s", "30s", "5m"),
        Time("agent.scan-timeout", "30s", "5s", "1m"),
        Time("api.bookmark-period", "60s", "45s", "2m"),
        Time("api.history", "5m", "75s", "10m"),
        Count("api.history-entries", "4000", "100", "1000"),
        Time("api.watch-life", "30m", "5m", "10m"),
        Time("controller.lease", "15s", "20s", "45s"),
        Time("controller.node-gone-grace", "90s", "3m"),
        Time("controller.node-lost-after", "5m", "4m", "10m"),
        Time("controller.review-gap", "1s", "100ms", "5s"),
        Time("controller.review-period", "10s", "15s", "30s"),
        Count("controllers", "1", "2", "3"),
        Time("extender.offer-lifetime", "15s", "1s", "1m"),
        Time("extender.report-lag", "60s", "2m", "5m"),
        Time("extender.stale-after", "15m", "11m", "30m"),
        Time("extender.tick-period", "10s", "3s", "30s"),
        Time("extender.wake-gap", "1s", "100ms", "5s"),
        Count("extenders", "1", "2") with { Least = 0 },
        // 1: the hosts have other names than their Nodes, as in some clouds.
        Count("kubelet.host-names", "0", "1") with { Least = 0 },
        Time("kubelet.lease", "10m", "40s", "2m"),
        Time("kubelet.pod-sync", "1m", "2m", "5m"),
        Count("lvm.wiped-at-once", "1000000", "200", "2000"),
        Time("pv-controller.resync", "15s", "20s", "1m"),
        Time("reflector.backoff", "800ms", "100ms", "3s"),
        Count("reflector.page-size", "500", "1", "7"),
        Time("reflector.silence", "150s", "260s", "6m"),
        Count("scheduler.sample-at-least", "100", "1", "2"),
    ];

    private static readonly ImmutableSortedDictionary<string, KnobInfo> ByName =
        All.ToImmutableSortedDictionary(knob => knob.Name, knob => knob, StringComparer.Ordinal);

    /// <summary>The knob of that name, or null.</summary>
    public static KnobInfo? Find(string name) => ByName.GetValueOrDefault(name);

    private static KnobInfo Time(string name, string usual, params string[] odd) => new(name, usual, [.. odd], IsDuration: true);

    private static KnobInfo Count(string name, string usual, params string[] odd) => new(name, usual, [.. odd], IsDuration: false);
}
