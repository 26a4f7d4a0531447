using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.World;

/// <summary>
/// Tells the watches of a kind that there is something to read. A watch that can tell only of objects with a certain value (a label, a
/// name, a node) is found by that value while it has nothing to read, and not looked for while it is about to be read; the others are all
/// asked. Who is told is told in the order in which the watches were opened.
/// </summary>
internal sealed class WatchHub
{
    // Looked up by kind, never iterated over: the order of its keys reaches nothing.
    private readonly Dictionary<string, WatchesOfKind> _byKind = [];
    private long _opened;

    internal WatchHub(FakeApiServer server) => server.Committed += Notify;

    internal void Add(SimulatedWatch watch)
    {
        watch.Turn = ++_opened;
        Of(watch).Enter(watch, watch.Standing);
    }

    internal void Remove(SimulatedWatch watch) => Of(watch).Leave(watch, watch.Standing);

    /// <summary>A watch is to be found in another way from now on.</summary>
    internal void Move(SimulatedWatch watch, WatchStanding from, WatchStanding to)
    {
        Of(watch).Leave(watch, from);
        Of(watch).Enter(watch, to);
    }

    private WatchesOfKind Of(SimulatedWatch watch)
    {
        if (!_byKind.TryGetValue(watch.Kind, out var watches))
        {
            _byKind.Add(watch.Kind, watches = new WatchesOfKind());
        }

        return watches;
    }

    private void Notify(Change committed)
    {
        if (_byKind.TryGetValue(committed.Object.Type.Kind, out var watches))
        {
            watches.Notify(committed);
        }
    }

    private sealed class WatchesOfKind
    {
        // Those that are awake, and those that rest, by where the value is that they go by, and by the value.
        private readonly List<SimulatedWatch> _awake = [];
        private readonly List<Place> _places = [];
        private readonly List<SimulatedWatch> _concerned = [];
        private readonly List<SimulatedWatch> _told = [];

        internal void Enter(SimulatedWatch watch, WatchStanding standing)
        {
            if (standing == WatchStanding.Awake)
            {
                Insert(_awake, watch);
            }
            else if (standing == WatchStanding.Resting)
            {
                PlaceOf(watch.Pin!).Add(watch.Pin!.Value, watch);
            }
        }

        internal void Leave(SimulatedWatch watch, WatchStanding standing)
        {
            if (standing == WatchStanding.Awake)
            {
                _awake.RemoveAt(_awake.LastIndexOf(watch));
            }
            else if (standing == WatchStanding.Resting)
            {
                PlaceOf(watch.Pin!).Remove(watch.Pin!.Value, watch);
            }
        }

        internal void Notify(Change committed)
        {
            _concerned.Clear();
            foreach (var place in _places)
            {
                place.Find(committed.Object, committed.Previous, _concerned);
            }

            // In the order of their turns. A watch that is told may be found in another way from then on: the lists change meanwhile.
            _concerned.Sort(static (a, b) => a.Turn.CompareTo(b.Turn));
            _told.Clear();
            var next = 0;
            foreach (var watch in _awake)
            {
                while (next < _concerned.Count && _concerned[next].Turn < watch.Turn)
                {
                    _told.Add(_concerned[next++]);
                }

                _told.Add(watch);
            }

            while (next < _concerned.Count)
            {
                _told.Add(_concerned[next++]);
            }

            foreach (var watch in _told)
            {
                watch.Notify(committed);
            }
        }

        private Place PlaceOf(SelectionPin pin)
        {
            var place = _places.Find(place => place.Name == pin.Place);
            if (place is null)
            {
                _places.Add(place = new Place(pin.Place, pin.Of));
            }

            return place;
        }

        // Nearly always it is the newest.
        private static void Insert(List<SimulatedWatch> watches, SimulatedWatch watch)
        {
            var index = watches.Count;
            while (index > 0 && watches[index - 1].Turn > watch.Turn)
            {
                index--;
            }

            watches.Insert(index, watch);
        }
    }

    /// <summary>A place in objects whose value watches go by, and those that rest, by the value.</summary>
    private sealed class Place(string name, Func<KubernetesObject, string?> read)
    {
        // Looked up by value, never iterated over.
        private readonly Dictionary<string, List<SimulatedWatch>> _byValue = new(StringComparer.Ordinal);

        internal string Name => name;

        internal void Add(string value, SimulatedWatch watch)
        {
            if (!_byValue.TryGetValue(value, out var watches))
            {
                _byValue.Add(value, watches = []);
            }

            watches.Add(watch);
        }

        internal void Remove(string value, SimulatedWatch watch)
        {
            var watches = _byValue[value];
            watches.Remove(watch);
            if (watches.Count == 0)
            {
                _byValue.Remove(value);
            }
        }

        internal void Find(KubernetesObject now, KubernetesObject? before, List<SimulatedWatch> found)
        {
            var value = read(now);
            AddAll(value, found);
            if (before is not null && read(before) is { } former && former != value)
            {
                AddAll(former, found);
            }
        }

        private void AddAll(string? value, List<SimulatedWatch> found)
        {
            if (value is not null && _byValue.TryGetValue(value, out var watches))
            {
                found.AddRange(watches);
            }
        }
    }
}
