using System.Collections.Immutable;

namespace LocalPv.Hosting.Up.Story;

/// <summary>What happened so far, in order, the latest of it. Safe for any thread.</summary>
public sealed class Timeline(TimeProvider time)
{
    /// <summary>How many entries are kept: some hundred times what the demonstration brings, some megabytes.</summary>
    public const int EntriesMax = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<TimelineEntry> _entries = [];
    private readonly long _start = time.GetTimestamp();
    private Action<TimelineEntry>? _listener;

    /// <summary>The entries so far; beyond <see cref="EntriesMax"/> the latest.</summary>
    public ImmutableArray<TimelineEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>How long it has been since the start.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>Tells a listener of every entry from now on, in order.</summary>
    public void Listen(Action<TimelineEntry> listener)
    {
        lock (_gate)
        {
            _listener += listener;
        }
    }

    /// <summary>Notes what just happened.</summary>
    public void Add(string who, string about, string what, string text)
    {
        lock (_gate)
        {
            var entry = new TimelineEntry(Elapsed, who, about, what, text);
            if (_entries.Count == EntriesMax)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(entry);
            _listener?.Invoke(entry);
        }
    }
}
