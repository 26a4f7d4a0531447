using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>The copies of API objects that one agent keeps, and what has changed in them.</summary>
internal abstract class WatchSet(Calls calls, ReflectorOptions options, ulong spread)
{
    private readonly List<Reflector> _all = [];

    /// <summary>The copies.</summary>
    internal IReadOnlyList<Reflector> All => _all;

    /// <summary>What has changed and was not passed on yet.</summary>
    internal List<ObjectChange> Changes { get; } = [];

    /// <summary>Whether all has been listed once.</summary>
    internal bool IsSynced { get; private set; }

    /// <summary>Which lists are still missing, for people; empty where all have been seen once.</summary>
    internal string WaitsFor => Reflector.WaitsFor(_all);

    internal Instant Deadline
    {
        get
        {
            var first = Instant.Never;
            foreach (var reflector in _all)
            {
                first = Instant.Min(first, reflector.Deadline);
            }

            return first;
        }
    }

    internal void Start()
    {
        foreach (var reflector in _all)
        {
            reflector.Start(calls.Now, calls.Effects);
        }
    }

    internal void Tick()
    {
        foreach (var reflector in _all)
        {
            reflector.Tick(calls.Now, calls.Effects);
        }

        IsSynced = IsSynced || _all.TrueForAll(reflector => reflector.IsSynced);
    }

    internal bool TryHandle(AgentEvent happened)
    {
        foreach (var reflector in _all)
        {
            if (reflector.TryHandle(calls.Now, happened, calls.Effects, Changes))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes in what one of our own requests was answered with.</summary>
    internal void Learn(Reflector? reflector, KubernetesObject? answered)
    {
        if (answered is not null)
        {
            reflector?.Learn(answered, Changes);
        }
    }

    /// <summary>Adds a copy of the objects of a type that match.</summary>
    protected Reflector Add(ResourceType type, ObjectSelector selector, Func<KubernetesObject, bool>? keep = null)
    {
        var reflector = new Reflector(
            type, selector, calls.Numbers, options with { Spread = unchecked(spread + (ulong)_all.Count) }, keep, KeptFields.Of);
        _all.Add(reflector);
        return reflector;
    }
}
