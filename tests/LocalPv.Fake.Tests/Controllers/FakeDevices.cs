using LocalPv.Core.Outcomes;
using LocalPv.Fake.Controllers.Kubelets;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>The devices of all nodes of a test, and which Pods have them mounted.</summary>
internal sealed class FakeDevices : INodeDevices
{
    private readonly SortedDictionary<string, SortedSet<string>> _holders = new(StringComparer.Ordinal);

    public SortedSet<string> Existing { get; } = new(StringComparer.Ordinal);

    public List<string> Grown { get; } = [];

    public bool IsMounted(string path) => _holders.TryGetValue(path, out var holders) && holders.Count > 0;

    public Outcome<Nothing> Mount(string path, string podUid)
    {
        if (!Existing.Contains(path))
        {
            return Outcome.Failed<Nothing>(OutcomeKind.NotFound, $"{path} does not exist");
        }

        if (!_holders.TryGetValue(path, out var holders))
        {
            _holders.Add(path, holders = new(StringComparer.Ordinal));
        }

        holders.Add(podUid);
        return Outcome.Done(default(Nothing));
    }

    public Outcome<Nothing> Unmount(string podUid)
    {
        foreach (var holders in _holders.Values)
        {
            holders.Remove(podUid);
        }

        return Outcome.Done(default(Nothing));
    }

    public Outcome<Nothing> Grow(string path, string podUid)
    {
        Grown.Add(path);
        return Outcome.Done(default(Nothing));
    }
}
