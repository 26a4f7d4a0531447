using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <summary>
/// How much of each volume group is still to be promised:
/// <c>available = reported free − reserve − extents of claims promised there whose volume is not yet in the report</c>.
/// A claim is promised to a node by its <c>selected-node</c>, or is offered to several nodes while this process has given them to the
/// scheduler and has not seen which one it chose; then it speaks against each of them. All of it is keyed by the claim's uid and derived
/// from objects, so that a restart loses nothing but offers, and the same facts in any order, repeated or late, give the same sums.
/// Not safe for several threads.
/// </summary>
/// <remarks>
/// Where several classes share a group, each has its own report of it, possibly of different scans. Each report alone, less what it does
/// not show yet, is a bound that the truth does not fall below; the ledger takes the smallest.
/// </remarks>
public sealed partial class CapacityLedger(CapacityLedgerOptions options)
{
    // A scan that was under way when a claim ended may have looked before its volume was made; the one after it has looked later.
    private const int ScansToSettle = 2;

    private readonly Dictionary<StorageClassName, int> _classNumbers = [];
    private readonly List<ClassColumn> _classes = [];
    private readonly Dictionary<VolumeCost, int> _costNumbers = [];
    private readonly List<VolumeCost> _costs = [];
    private readonly List<VolumeGroupAccount?> _accounts = [];
    private readonly Stack<int> _freeAccounts = new();
    private readonly Dictionary<ClaimUid, LedgerClaim> _claims = [];

    // In how many reports the volume of a claim is seen.
    private readonly Dictionary<ClaimUid, int> _reported = [];
    private readonly SortedSet<(Instant At, ClaimUid Claim)> _deadlines = [];
    private bool _freed;
    private long[] _available = new long[16];
    private long[] _capacity = new long[16];
    private NodeEntry[] _nodes = new NodeEntry[32];

    /// <summary>The numbers of the nodes.</summary>
    public NodeTable Nodes { get; } = new();

    /// <summary>When <see cref="Expire"/> next has something to do.</summary>
    public Instant Deadline => _deadlines.Count == 0 ? Instant.Never : _deadlines.Min.At;

    /// <summary>How many claims are known, the promises of claims that are gone included.</summary>
    public int ClaimCount => _claims.Count;

    /// <summary>Whether some group may have had more for new claims than before since this was last asked.</summary>
    public bool TakeFreed()
    {
        var freed = _freed;
        _freed = false;
        return freed;
    }

    /// <summary>The claim of that uid, or null where it is not known or gone.</summary>
    public LedgerClaim? Find(ClaimUid claim) => _claims.TryGetValue(claim, out var known) && !known.IsGone ? known : null;

    /// <summary>The report of that class on that node, or null.</summary>
    public VolumeGroupReport? ReportOf(StorageClassName storageClass, NodeName node) =>
        _classNumbers.TryGetValue(storageClass, out var number) && Nodes.Find(node) is >= 0 and var index
            ? _classes[number].ReportAt(index)
            : null;

    /// <summary>
    /// What the group of that class on that node still has for new claims, in extents: may be negative where more is promised than is
    /// there. Null where there is no such group. Offers count as promises.
    /// </summary>
    public long? Available(StorageClassName storageClass, NodeName node)
    {
        var number = Nodes.Find(node);
        return number >= 0 && _classNumbers.TryGetValue(storageClass, out var column)
            && _classes[column].SlotAt(number).Account is >= 0 and var account
            ? _available[account]
            : null;
    }

    /// <summary>Takes in a report. False, and nothing changes, where a later scan of the same object is known already.</summary>
    public bool SetReport(VolumeGroupReport report)
    {
        var node = EnterNode(report.Node);
        var column = _classes[ClassNumber(report.Class)];
        var known = column.ReportAt(node);
        if (known is not null && known.ObjectUid == report.ObjectUid && known.ScanSequence > report.ScanSequence)
        {
            return false;
        }

        Exchange(column, node, known, report);
        return true;
    }

    /// <summary>Forgets the report of a class on a node, since its object is gone.</summary>
    public void RemoveReport(StorageClassName storageClass, NodeName nodeName)
    {
        var node = Nodes.Find(nodeName);
        if (node >= 0 && _classNumbers.TryGetValue(storageClass, out var number) && _classes[number].ReportAt(node) is { } known)
        {
            Exchange(_classes[number], node, known, null);
        }
    }

    /// <summary>Takes in a claim as it is now.</summary>
    public void SetClaim(Instant now, ClaimDemand demand)
    {
        var claim = EnterClaim(demand);
        var selected = demand.SelectedNode is { } name && demand.Impossible is null ? EnterNode(name) : -1;
        claim.IsSettled &= demand.Bound && selected >= 0;
        var node = claim.IsSettled && !Grows(claim, selected) ? -1 : selected;
        Promise(claim, node);
        if (node >= 0 && claim.Offer is { } offer && offer.Nodes.Contains(node))
        {
            EndOffer(claim);
        }

        WithDeadline(claim, claim =>
        {
            claim.GoneUntil = null;
            claim.ScanBefore = claim.LookAt is null ? ReportOf(claim, node)?.ScanSequence : claim.ScanBefore;
            claim.LookAt = !demand.Bound || node < 0 ? null : claim.LookAt ?? now + options.ReportLag;
        });
    }

    /// <summary>
    /// Takes in that a claim is gone. Its offer ends at once. What it was promised stays taken until a report shows its volume, or, after
    /// <see cref="CapacityLedgerOptions.ReportLag"/>, until there is any later report: the volume may have been made in the meantime, and
    /// its node may be unable to say so.
    /// </summary>
    public void RemoveClaim(Instant now, ClaimUid uid)
    {
        if (Find(uid) is not { } claim)
        {
            return;
        }

        EndOffer(claim);
        if (claim.PromisedTo < 0 || ReportOf(claim, claim.PromisedTo)?.Holds(uid) == true)
        {
            Forget(claim);
        }
        else
        {
            WithDeadline(claim, claim =>
            {
                claim.GoneUntil = now + options.ReportLag;
                claim.ScanBefore = ReportOf(claim, claim.PromisedTo)?.ScanSequence;
            });
        }
    }

    /// <summary>Ends what has a time to end: offers that no choice followed, and promises that no report has shown.</summary>
    public void Expire(Instant now)
    {
        while (_deadlines.Count > 0 && _deadlines.Min.At <= now)
        {
            var claim = _claims[_deadlines.Min.Claim];
            if (claim.IsGone && HasReportedSince(claim))
            {
                Forget(claim);
            }
            else if (claim.IsGone)
            {
                WithDeadline(claim, static claim => claim.GoneUntil = Instant.Never);
            }
            else if (claim.Offer is { } offer && offer.Until <= now)
            {
                EndOffer(claim);
            }
            else
            {
                LookAtBound(now, claim);
            }
        }
    }

    // A bound claim's volume was made before its volume object: a scan that began later shows it, or it was lost and takes no space. The
    // first report after the binding may be of a scan that was under way; so two, and the time for a late one. Where no report was known
    // when the claim was heard of, the first that is known now may be older than the volume.
    private void LookAtBound(Instant now, LedgerClaim claim)
    {
        var node = claim.PromisedTo;
        var scan = ReportOf(claim, node)?.ScanSequence;
        var settled = scan - claim.ScanBefore >= ScansToSettle || ReportOf(claim, node)?.Holds(claim.Demand.Uid) == true;
        claim.IsSettled |= settled;
        var over = settled && !Grows(claim, node);
        WithDeadline(claim, claim =>
        {
            claim.LookAt = over ? null : now + options.ReportLag;
            claim.ScanBefore = scan is { } last && claim.ScanBefore is { } before ? Math.Min(before, last) : scan ?? claim.ScanBefore;
        });
        if (over)
        {
            Promise(claim, -1);
        }
    }

    // Of a claim that is gone: whether its node has reported again since, or has nothing to report any more. A scan's number only grows,
    // unless another object has come in place of the one that counted.
    private bool HasReportedSince(LedgerClaim claim) =>
        ReportOf(claim, claim.PromisedTo) is not { } report || report.ScanSequence != claim.ScanBefore;

    private void Promise(LedgerClaim claim, int node)
    {
        var before = claim.PromisedTo;
        claim.PromisedTo = node;
        if (before != node && before >= 0)
        {
            _nodes[before].Promised!.Remove(claim);
            Recount(before);
        }

        if (before != node && node >= 0)
        {
            (_nodes[node].Promised ??= []).Add(claim);
        }

        if (node >= 0)
        {
            Recount(node);
        }
    }

    private LedgerClaim EnterClaim(ClaimDemand demand)
    {
        if (!_claims.TryGetValue(demand.Uid, out var claim))
        {
            claim = new LedgerClaim(demand, ClassNumber(demand.Class));
            _claims.Add(demand.Uid, claim);
            return claim;
        }

        // A claim's size can change while it is offered (never once it is promised and unbound): take the offer off at its old size.
        if (claim.Demand.Size != demand.Size && claim.Offer is { } offer)
        {
            Apply(claim, offer.Nodes, -1);
            claim.Replace(demand);
            Apply(claim, offer.Nodes, +1);
        }

        claim.Replace(demand);
        return claim;
    }

    private void Forget(LedgerClaim claim)
    {
        EndOffer(claim);
        _deadlines.Remove((claim.Deadline, claim.Demand.Uid));
        _claims.Remove(claim.Demand.Uid);
        Promise(claim, -1);
    }

    private VolumeGroupReport? ReportOf(LedgerClaim claim, int node) => node < 0 ? null : _classes[claim.ClassNumber].ReportAt(node);

    // Each claim has one entry among the deadlines, or none.
    private void WithDeadline(LedgerClaim claim, Action<LedgerClaim> change)
    {
        _deadlines.Remove((claim.Deadline, claim.Demand.Uid));
        change(claim);
        if (claim.Deadline != Instant.Never)
        {
            _deadlines.Add((claim.Deadline, claim.Demand.Uid));
        }
    }

    internal int ClassNumber(StorageClassName name)
    {
        if (!_classNumbers.TryGetValue(name, out var number))
        {
            number = _classes.Count;
            _classNumbers.Add(name, number);
            _classes.Add(new ClassColumn());
        }

        return number;
    }

    private int EnterNode(NodeName name)
    {
        var node = Nodes.FindOrAdd(name);
        if (node >= _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Max(node + 1, _nodes.Length * 2));
        }

        return node;
    }

    private struct NodeEntry
    {
        /// <summary>The claims promised to the node, of any class; null where there never was one.</summary>
        public List<LedgerClaim>? Promised;

        /// <summary>The numbers of the accounts of its groups.</summary>
        public List<int>? Accounts;
    }
}
