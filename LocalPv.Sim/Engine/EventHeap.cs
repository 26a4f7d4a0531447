using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// The events to come, the earliest first, and of one moment the one that was added first. A heap with four children a node: half as deep
/// as one with two, and the children that are compared lie side by side.
/// </summary>
internal sealed class EventHeap
{
    private const int Children = 4;

    private Entry[] _entries = new Entry[1024];
    private long _sequence;

    internal int Count { get; private set; }

    /// <summary>The moment of the first event; <see cref="Instant.Never"/> where there is none.</summary>
    internal Instant First => Count == 0 ? Instant.Never : new Instant(_entries[0].Ticks);

    internal void Add(Instant moment, SimulationEvent what)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        var added = new Entry(moment.TicksSinceEpoch, ++_sequence, what);
        var at = Count++;
        while (at > 0)
        {
            var parent = (at - 1) / Children;
            if (!added.IsBefore(_entries[parent]))
            {
                break;
            }

            _entries[at] = _entries[parent];
            at = parent;
        }

        _entries[at] = added;
    }

    /// <summary>Takes the first event out; there must be one.</summary>
    internal SimulationEvent Take()
    {
        var entries = _entries;
        var first = entries[0].What;
        var count = --Count;
        var last = entries[count];
        entries[count] = default;
        var at = 0;
        while (true)
        {
            var child = (at * Children) + 1;
            if (child >= count)
            {
                break;
            }

            var least = child;
            var end = Math.Min(child + Children, count);
            while (++child < end)
            {
                least = entries[child].IsBefore(entries[least]) ? child : least;
            }

            if (!entries[least].IsBefore(last))
            {
                break;
            }

            entries[at] = entries[least];
            at = least;
        }

        if (count > 0)
        {
            entries[at] = last;
        }

        return first;
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared for equality.")]
    private readonly struct Entry(long ticks, long sequence, SimulationEvent what)
    {
        public readonly long Ticks = ticks;
        public readonly long Sequence = sequence;
        public readonly SimulationEvent What = what;

        public bool IsBefore(in Entry other) => Ticks != other.Ticks ? Ticks < other.Ticks : Sequence < other.Sequence;
    }
}
