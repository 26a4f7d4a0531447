using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>Draws one after another from one keyed stream; each thing that is generated has a stream of its own.</summary>
internal sealed class Draws(KeyedRandom random)
{
    private long _draw;

    internal int Below(int bound) => (int)random.Below(_draw++, bound);

    internal int Between(int least, int most) => least + Below(most - least + 1);

    internal bool Chance(int percent) => Below(100) < percent;

    internal T OneOf<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    /// <summary>A moment, to the millisecond.</summary>
    internal TimeSpan Time(TimeSpan least, TimeSpan most) => Round(random.Between(_draw++, least, most));

    /// <summary>A duration: each order of magnitude is as likely as the next.</summary>
    internal TimeSpan Span(TimeSpan least, TimeSpan most)
    {
        var top = least;
        var doublings = 0;
        while (top < most)
        {
            top *= 2;
            doublings++;
        }

        var low = least * (1L << Below(Math.Max(1, doublings)));
        return Time(low, low * 2 < most ? low * 2 : most);
    }

    /// <summary>An index, by weights.</summary>
    internal int Weighted(ReadOnlySpan<int> weights)
    {
        var sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var at = Below(sum);
        for (var index = 0; ; index++)
        {
            at -= weights[index];
            if (at < 0)
            {
                return index;
            }
        }
    }

    private static TimeSpan Round(TimeSpan time) => new(time.Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);
}
