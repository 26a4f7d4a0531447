using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>A number for each domain of nodes: those that have the same value of a label.</summary>
internal sealed class DomainCounts
{
    // By label, then by its value.
    private readonly SortedDictionary<string, SortedDictionary<string, long>> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether no domain is known.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>One that counts on by itself.</summary>
    public DomainCounts Copy()
    {
        var copy = new DomainCounts();
        foreach (var (key, domains) in _counts)
        {
            copy._counts.Add(key, new SortedDictionary<string, long>(domains, StringComparer.Ordinal));
        }

        return copy;
    }

    /// <summary>The smallest number of a label's domains; 0 where none is known, or fewer than <paramref name="domainsMin"/>.</summary>
    public long LeastOf(string key, long domainsMin) =>
        _counts.TryGetValue(key, out var domains) && domains.Count >= domainsMin ? domains.Values.Min() : 0;

    /// <summary>Adds to the domain of a node, if it has the label; what comes to zero is forgotten.</summary>
    public void Add(string key, Node node, long by)
    {
        Note(key, node, by);
        if (node.Label(key) is { } value && _counts[key][value] == 0)
        {
            _counts[key].Remove(value);
            if (_counts[key].Count == 0)
            {
                _counts.Remove(key);
            }
        }
    }

    /// <summary>Adds to the domain of a node, if it has the label; what comes to zero stays known.</summary>
    public void Note(string key, Node node, long by)
    {
        if (node.Label(key) is not { } value)
        {
            return;
        }

        if (!_counts.TryGetValue(key, out var domains))
        {
            _counts.Add(key, domains = new SortedDictionary<string, long>(StringComparer.Ordinal));
        }

        domains[value] = domains.GetValueOrDefault(value) + by;
    }

    /// <summary>The number of a node's domain; 0 where it has not the label.</summary>
    public long Of(string key, Node node) =>
        node.Label(key) is { } value && _counts.TryGetValue(key, out var domains) ? domains.GetValueOrDefault(value) : 0;

    /// <summary>The sum of the numbers of all domains of the node.</summary>
    public long SumAt(Node node)
    {
        var sum = 0L;
        foreach (var (key, _) in _counts)
        {
            sum += Of(key, node);
        }

        return sum;
    }
}
