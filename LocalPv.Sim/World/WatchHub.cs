using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.World;

/// <summary>Tells the watches of a kind that there is something to read.</summary>
internal sealed class WatchHub
{
    // Looked up by kind, never iterated over: the order of its keys reaches nothing.
    private readonly Dictionary<string, List<SimulatedWatch>> _byKind = [];

    internal WatchHub(FakeApiServer server) => server.Committed += Notify;

    internal void Add(SimulatedWatch watch)
    {
        if (!_byKind.TryGetValue(watch.Kind, out var watches))
        {
            _byKind.Add(watch.Kind, watches = []);
        }

        watches.Add(watch);
    }

    internal void Remove(SimulatedWatch watch) => _byKind[watch.Kind].Remove(watch);

    private void Notify(Change committed)
    {
        if (_byKind.TryGetValue(committed.Object.Type.Kind, out var watches))
        {
            foreach (var watch in watches)
            {
                watch.Notify(committed);
            }
        }
    }
}
