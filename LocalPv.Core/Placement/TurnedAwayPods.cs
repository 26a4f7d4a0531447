using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Placement;

/// <summary>
/// The Pods that every node was too small for when they were last asked about, to tell whether more room is room for one of them. Small:
/// of more than <see cref="RememberedMax"/> it only knows that they are many. Not safe for several threads.
/// </summary>
internal sealed class TurnedAwayPods(CapacityLedger ledger)
{
    /// <summary>How many are looked at one by one: each costs as much as one filter over all nodes.</summary>
    internal const int RememberedMax = 16;

    private readonly SortedDictionary<string, (ImmutableArray<ClaimUid> Claims, Instant Return)> _pods = new(StringComparer.Ordinal);
    private readonly NodeSet _passed = new();
    private bool _areMany;
    private int[] _nodes = [];
    private NodeVerdict[] _verdicts = [];

    /// <summary>Whether anybody was turned away.</summary>
    internal bool IsAny => _areMany || _pods.Count > 0;

    /// <summary>
    /// When the next of them may go to a node again that it was kept away from: that is room for it, though nothing has changed. Never
    /// where none is kept away.
    /// </summary>
    internal Instant NextReturn { get; private set; } = Instant.Never;

    /// <summary>Remembers a Pod by its uid with its claims that still need a volume.</summary>
    internal void Add(Instant now, string pod, LedgerClaim[] claims)
    {
        if (_pods.Count < RememberedMax || _pods.ContainsKey(pod))
        {
            var back = Instant.Never;
            foreach (var away in claims.SelectMany(claim => claim.Demand.KeptAway).Where(away => away.Until > now))
            {
                back = Instant.Min(back, away.Until);
            }

            _pods[pod] = ([.. claims.Select(claim => claim.Demand.Uid)], back);
            NextReturn = Instant.Min(NextReturn, back);
        }
        else
        {
            _areMany = true;
        }
    }

    /// <summary>Forgets all.</summary>
    internal void Clear()
    {
        _pods.Clear();
        _areMany = false;
        NextReturn = Instant.Never;
    }

    /// <summary>Whether the time of <see cref="NextReturn"/> has come; says so once for each.</summary>
    internal bool HasReturned(Instant now)
    {
        if (now < NextReturn)
        {
            return false;
        }

        NextReturn = Instant.Never;
        foreach (var (_, back) in _pods.Values)
        {
            NextReturn = back > now ? Instant.Min(NextReturn, back) : NextReturn;
        }

        return true;
    }

    /// <summary>
    /// Whether one of them might be placed now. True too where they are too many to look at; a Pod's other wishes are not known here.
    /// </summary>
    internal bool MayFit(Instant now)
    {
        if (_areMany)
        {
            return true;
        }

        foreach (var (uids, _) in _pods.Values)
        {
            LedgerClaim[] claims = [.. uids.Select(ledger.Find).OfType<LedgerClaim>().Where(claim => !claim.Demand.Bound)];
            if (claims.Length > 0 && Array.TrueForAll(claims, claim => claim.Demand.Impossible is null) && Fits(now, claims))
            {
                return true;
            }
        }

        return false;
    }

    // Where one of a Pod's claims has a node already, the scheduler asks about no other.
    private bool Fits(Instant now, LedgerClaim[] claims)
    {
        var chosen = Array.Find(claims, claim => claim.PromisedTo >= 0)?.PromisedTo;
        ReadOnlySpan<int> nodes = chosen is { } only ? [only] : AllNodes();
        if (_verdicts.Length < nodes.Length)
        {
            _verdicts = new NodeVerdict[nodes.Length];
        }

        var verdicts = _verdicts.AsSpan(0, nodes.Length);
        return NodeFilter.Judge(ledger, now, new ClaimGroups(ledger, claims), nodes, verdicts, _passed) < nodes.Length;
    }

    private ReadOnlySpan<int> AllNodes()
    {
        if (_nodes.Length != ledger.Nodes.Count)
        {
            _nodes = [.. Enumerable.Range(0, ledger.Nodes.Count)];
        }

        return _nodes;
    }
}
