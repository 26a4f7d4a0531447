using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S26: an agent sends no change to a volume group while an earlier one there has not been answered, nor after one whose end is not known
/// until a scan that began later was answered. Every request has a time limit. Source: virt-manager#259, lvm2#88.
/// </summary>
internal sealed class S26OneChangeAtATime()
    : Rule("S26", "One change of a volume group at a time, and a look after doubt."), IFollowsProcesses
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);

    public void OnStarted(string process, int life) => _books[process] = new Book();

    public void OnAsked(string process, int life, Effect effect)
    {
        if (effect is not Effect.CallStorage call)
        {
            return;
        }

        if (call.Timeout <= TimeSpan.Zero || call.Timeout > TimeSpan.FromDays(7))
        {
            Broken($"{process} sends {call.Request.GetType().Name} with the time limit {call.Timeout}.");
        }

        var book = BookOf(process);
        if (call.Request.VolumeGroup is not { } group)
        {
            book.Scans[call.Call] = [.. book.InDoubt];
        }
        else if (book.Running.TryGetValue(group.Value, out var other))
        {
            Broken($"{process} sends {call.Request.GetType().Name} to {group} while {other.GetType().Name} runs there.");
        }
        else if (book.InDoubt.Contains(group.Value))
        {
            Broken($"{process} sends {call.Request.GetType().Name} to {group}, where the end of an earlier request is not known.");
        }
        else
        {
            book.Running.Add(group.Value, call.Request);
        }
    }

    public void OnHappening(string process, int life, AgentEvent happened)
    {
        if (happened is not AgentEvent.StorageAnswered answered)
        {
            return;
        }

        var book = BookOf(process);
        if (answered.Request.VolumeGroup is { } group)
        {
            book.Running.Remove(group.Value);
            if (answered.Outcome.Kind == OutcomeKind.InDoubt)
            {
                book.InDoubt.Add(group.Value);
            }
        }
        else if (book.Scans.Remove(answered.Call, out var settled) && answered.Outcome.IsDone)
        {
            book.InDoubt.ExceptWith(settled);
        }
    }

    private Book BookOf(string process)
    {
        if (!_books.TryGetValue(process, out var book))
        {
            _books.Add(process, book = new Book());
        }

        return book;
    }

    private sealed class Book
    {
        public SortedDictionary<string, NodeStorageRequest> Running { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> InDoubt { get; } = new(StringComparer.Ordinal);

        public Dictionary<long, string[]> Scans { get; } = [];
    }
}
