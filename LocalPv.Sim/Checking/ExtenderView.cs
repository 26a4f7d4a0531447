using LocalPv.Core.Agents;
using LocalPv.Core.Capacity;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking;

/// <summary>
/// What the extender has heard of claims and reports up to now, rebuilt from what was delivered to it, and what follows from it by plain
/// arithmetic. Shares no code with the extender's own ledger.
/// </summary>
public sealed partial class ExtenderView
{
    // The extender forgets at its next tick, and its deadline is moved by what it hears late.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    // A volume that no report shows may have been made during the scan before; the one after it has looked later.
    private const int ScansToSettle = 2;

    private static readonly SortedDictionary<string, PersistentVolumeClaim> NoClaims = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Seen> _kinds = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _processes = new(StringComparer.Ordinal);
    private readonly List<(Instant At, PersistentVolumeClaim Claim, SortedSet<string> Nodes)> _offers = [];
    private readonly List<Ending> _ended = [];
    private readonly Dictionary<ObjectKey, Question> _askedAt = [];
    private readonly Dictionary<ObjectKey, (NodeLocalStorage Of, Report? Report)> _reports = [];
    private readonly Dictionary<string, SortedDictionary<string, PersistentVolumeClaim>> _selecting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Node, long Turn)> _selectionHeard = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Class, string Node), ObjectKey?> _storageKeys = [];
    private readonly HashSet<long> _closed = [];
    private Instant _startedAt;

    // How often it has heard something: tells what came before an answer from what came after it in the same moment.
    private long _turn;
    private Func<Instant> _clock = () => Instant.Epoch;
    private TimeSpan _offerLifetime;
    private TimeSpan _offerMemory;
    private TimeSpan _endedMemory;

    /// <summary>A view of an extender that forgets after the usual times, until it is told others.</summary>
    public ExtenderView() => Remember(new CapacityLedgerOptions(), new NodeAgentOptions { Node = NodeName.Parse("any") });

    /// <summary>Whether there is one extender, so that its view is known.</summary>
    internal bool IsSingle => _processes.Count == 1;

    /// <summary>Whether the scheduler looks at some of the nodes at a time only.</summary>
    internal bool SeesSome { get; set; }

    internal void Attach(Func<Instant> clock) => _clock = clock;

    /// <summary>
    /// How long after the end of the faults an extender may count what a node has lost of bound claims: until a report of two scans later.
    /// </summary>
    internal TimeSpan LostMemory { get; private set; }

    /// <summary>
    /// Remembers offers, claims that are gone, and lost volumes, as long as an extender with these options may that hears of agents with
    /// those. A claim that is gone counts for as long as no report follows, too: its node may be unable to tell of its volume.
    /// </summary>
    internal void Remember(CapacityLedgerOptions options, NodeAgentOptions agent)
    {
        _offerLifetime = options.OfferLifetime;
        _offerMemory = options.OfferLifetime + Slack;
        _endedMemory = options.ReportLag + Slack;

        // The agents, and then the extender, may first have to wait after their last failure.
        var reports = Math.Ceiling(ScansToSettle * agent.ScanPeriod / agent.ReportPeriod);
        LostMemory = (reports * agent.ReportPeriod) + options.ReportLag + (3 * Slack);
    }

    internal void Start(string process)
    {
        _processes.Add(process);
        _kinds.Clear();
        _offers.Clear();
        _ended.Clear();
        _askedAt.Clear();
        _selecting.Clear();
        _selectionHeard.Clear();
        _closed.Clear();
        _startedAt = _clock();
    }

    /// <summary>Notes that the extender has closed a watch: what of it is still on its way is not heard any more.</summary>
    internal void Closed(long watch) => _closed.Add(watch);

    internal void Take(AgentEvent happened)
    {
        _turn++;
        switch (happened)
        {
            case AgentEvent.WatchDelivered { Watch: var watch } when _closed.Contains(watch):
                break;
            case AgentEvent.WatchDelivered { Signal: WatchSignal.Added added }:
                Put(added.Object);
                break;
            case AgentEvent.WatchDelivered { Signal: WatchSignal.Modified modified }:
                Put(modified.Object);
                break;
            case AgentEvent.WatchDelivered { Signal: WatchSignal.Deleted deleted }:
                Remove(deleted.Object);
                break;
            case AgentEvent.ClusterAnswered { Request: ClusterRequest.List list, Outcome: { IsDone: true, Value: var answer } }:
                TakeList(list, answer);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether the extender has lived for so long.</summary>
    internal bool KnowsAllFor(TimeSpan duration) => IsSingle && _clock() - _startedAt > duration;

    /// <summary>When the extender last said where a Pod with that claim may run, or null.</summary>
    internal Instant? AskedAt(ObjectKey claim) => _askedAt.TryGetValue(claim, out var asked) ? asked.At : null;

    /// <summary>
    /// Whether what the extender last offered to that claim still counts. A choice may be written when its offer has ended: then the
    /// extender learns of it like of any other.
    /// </summary>
    internal bool IsOffered(ObjectKey claim) => AskedAt(claim) is { } asked && _clock() - asked < _offerLifetime;

    /// <summary>
    /// Whether the extender, when it was last asked about that claim, gave it the node. A choice that is written late may follow from an
    /// answer before that one, whose offer has ended.
    /// </summary>
    internal bool HasJustGiven(ObjectKey claim, string node) =>
        _askedAt.TryGetValue(claim, out var asked) && asked.Given.Contains(node, StringComparer.Ordinal);

    /// <summary>
    /// Whether the scheduler may have missed that there is room on the node: it looks at some nodes at a time, and did not ask about this
    /// one when it last asked about the Pod.
    /// </summary>
    internal bool MayBeMissed(Pod pod, string node) =>
        SeesSome && ClaimsOf(pod) is [var claim, ..] && _askedAt.TryGetValue(claim.Key, out var asked)
        && !asked.Nodes.Contains(node, StringComparer.Ordinal);

    /// <summary>
    /// Whether the extender, when it answered about <paramref name="asked"/>, knew that this claim was sent to that node.
    /// </summary>
    internal bool KnewSelected(ObjectKey asked, PersistentVolumeClaim claim, string node) =>
        _askedAt.TryGetValue(asked, out var question) && _selectionHeard.TryGetValue(claim.Uid, out var heard)
        && heard.Node == node && heard.Turn <= question.Turn;

    /// <summary>Whether the extender has heard of this report as it is.</summary>
    internal bool Has(NodeLocalStorage storage) =>
        Kind(ResourceTypes.NodeLocalStorages.Kind).Objects.GetValueOrDefault(storage.Key)?.ResourceVersion == storage.ResourceVersion;

    /// <summary>Whether the extender, when it answered about <paramref name="asked"/>, knew this report as it is now.</summary>
    internal bool Knew(ObjectKey asked, NodeLocalStorage storage) =>
        Has(storage) && _askedAt.TryGetValue(asked, out var question)
        && Kind(ResourceTypes.NodeLocalStorages.Kind).HeardIn[storage.Key] <= question.Turn;

    /// <summary>Notes that the extender was asked on which of these nodes a Pod may run, and on which it said so.</summary>
    internal void Asked(Pod pod, IReadOnlyList<string> nodes, IReadOnlyList<string> given)
    {
        foreach (var claim in ClaimsOf(pod))
        {
            _askedAt[claim.Key] = new Question(_clock(), _turn, nodes, given);
        }
    }

    /// <summary>The claims of a Pod that still have to get a volume of ours; empty where one of its claims is not known.</summary>
    internal List<PersistentVolumeClaim> ClaimsOf(Pod pod)
    {
        var found = new List<PersistentVolumeClaim>();
        foreach (var name in pod.ClaimNames.Distinct(StringComparer.Ordinal))
        {
            var key = new ObjectKey(pod.Namespace, name);
            if (Kind(ResourceTypes.PersistentVolumeClaims.Kind).Objects.GetValueOrDefault(key) is not PersistentVolumeClaim claim)
            {
                return [];
            }

            if (claim.VolumeName.Length == 0 && IsOurs(claim))
            {
                found.Add(claim);
            }
        }

        return found;
    }

    /// <summary>Why the claims do not fit on the node together; null where they do.</summary>
    internal string? RoomFor(List<PersistentVolumeClaim> claims, string node)
    {
        var needed = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (ReportOf(claim, node) is not { } report)
            {
                return $"it has heard of no volume group of class {claim.StorageClassName} there.";
            }

            if (!Holds(report.Status, claim.Uid))
            {
                needed[report.Account] = needed.GetValueOrDefault(report.Account)
                    + Demand.ExtentsOf(claim, report.Storage, report.ExtentSize);
            }
        }

        foreach (var claim in claims)
        {
            if (needed.Count > 0 && ReportOf(claim, node) is { } report && needed.Remove(report.Account, out var extents)
                && Room(report, claims) is var room && extents > room)
            {
                return $"{extents} extents are needed in {report.Account}, and {Math.Max(room, 0)} of {report.Status.Free} are left.";
            }
        }

        return null;
    }

    /// <summary>How the extender's copy of a kind differs from the server's; null where it does not.</summary>
    internal string? Differs(ResourceType type, IReadOnlyList<KubernetesObject> server)
    {
        var known = Kind(type.Kind).Objects;
        foreach (var item in server)
        {
            if (!known.TryGetValue(item.Key, out var copy) || copy.ResourceVersion != item.ResourceVersion)
            {
                return $"the extender knows {copy?.ToString() ?? "nothing"} of {item}.";
            }
        }

        return known.Count > server.Count ? $"the extender knows {known.Count} {type}, and there are {server.Count}." : null;
    }

    /// <summary>Remembers that these claims may be sent to any of these nodes.</summary>
    internal void Offered(List<PersistentVolumeClaim> claims, IEnumerable<string> nodes)
    {
        var now = _clock();
        var set = new SortedSet<string>(nodes, StringComparer.Ordinal);

        // An offer of the same claim to the same nodes and more says all that the older one said.
        _offers.RemoveAll(offer => now - offer.At > _offerMemory
            || (claims.Exists(claim => claim.Uid == offer.Claim.Uid) && offer.Nodes.IsSubsetOf(set)));
        foreach (var claim in claims)
        {
            _offers.Add((now, claim, set));
        }
    }

    // Free extents of the report, less the reserve, less the claims sent there that it does not show.
    private long Room(Report report, List<PersistentVolumeClaim> own)
    {
        var room = (report.Status.Free.Value / report.ExtentSize.Size.Value)
            - Demand.Up(Demand.ReserveOf(report.Storage), report.ExtentSize.Size.Value);
        foreach (var claim in Selecting(report.Storage.NodeName))
        {
            if (claim.VolumeName.Length == 0
                && !own.Exists(mine => mine.Uid == claim.Uid) && IsOurs(claim) && !Holds(report.Status, claim.Uid)
                && ReportOf(claim, report.Storage.NodeName) is { } other && other.Account == report.Account)
            {
                room -= Demand.ExtentsOf(claim, other.Storage, other.ExtentSize);
            }
        }

        return room;
    }

    private bool IsOurs(PersistentVolumeClaim claim) =>
        Kind(ResourceTypes.StorageClasses.Kind).Objects.GetValueOrDefault(ObjectKey.ClusterScoped(claim.StorageClassName ?? ""))
            is StorageClass found
            ? found.Provisioner == WellKnown.DefaultProvisioner
            : claim.Provisioner == WellKnown.DefaultProvisioner;

    private Report? ReportOf(PersistentVolumeClaim claim, string node) =>
        StorageKeyOf(claim.StorageClassName ?? "", node) is { } key
        && Kind(ResourceTypes.NodeLocalStorages.Kind).Objects.GetValueOrDefault(key) is NodeLocalStorage storage
            ? ReadReport(storage)
            : null;

    // Asked for each claim and node again and again.
    private ObjectKey? StorageKeyOf(string storageClass, string node)
    {
        if (!_storageKeys.TryGetValue((storageClass, node), out var key))
        {
            key = StorageClassName.TryParse(storageClass, out var name) && NodeName.TryParse(node, out var nodeName)
                ? ObjectKey.ClusterScoped(NodeLocalStorageName.Of(name, nodeName))
                : null;
            _storageKeys.Add((storageClass, node), key);
        }

        return key;
    }

    private SortedDictionary<string, PersistentVolumeClaim>.ValueCollection Selecting(string node) =>
        _selecting.TryGetValue(node, out var found) ? found.Values : NoClaims.Values;

    // Before: the object as it was known; after: as it is known now.
    private void Index(KubernetesObject? before, KubernetesObject? after)
    {
        if (before is PersistentVolumeClaim { SelectedNode: { } left } old && _selecting.TryGetValue(left, out var there))
        {
            there.Remove(old.Uid);
        }

        if (after is PersistentVolumeClaim { SelectedNode: { } chosen } now)
        {
            if (!_selecting.TryGetValue(chosen, out var here))
            {
                _selecting.Add(chosen, here = new SortedDictionary<string, PersistentVolumeClaim>(StringComparer.Ordinal));
            }

            here[now.Uid] = now;
            if ((before as PersistentVolumeClaim)?.SelectedNode != chosen)
            {
                _selectionHeard[now.Uid] = (chosen, _turn);
            }
        }
    }

    private Report? ReadReport(NodeLocalStorage storage)
    {
        if (!_reports.TryGetValue(storage.Key, out var known) || !ReferenceEquals(known.Of, storage))
        {
            known = (storage, Read(storage));
            _reports[storage.Key] = known;
        }

        return known.Report;
    }

    private static Report? Read(NodeLocalStorage storage)
    {
        var status = storage.Report;
        if (status.VolumeGroup is not { } group)
        {
            return null;
        }

        var thin = Demand.LayoutOf(storage).Type == LayoutType.Thin;
        return new Report(storage, status, $"{storage.NodeName}/{group.Name}{(thin ? " (thin)" : "")}", group.ExtentSize);
    }

    private static long Held(Report report, string uid)
    {
        foreach (var volume in report.Status.Volumes)
        {
            if (volume.Claim.Value == uid)
            {
                return volume.Size.Value / report.ExtentSize.Size.Value;
            }
        }

        return 0;
    }

    private static bool Holds(NodeLocalStorageStatus status, string uid)
    {
        foreach (var volume in status.Volumes)
        {
            if (volume.Claim.Value == uid)
            {
                return true;
            }
        }

        return false;
    }

    // A claim that ended, when, and the last scan of its node that the extender knew then.
    private sealed record Ending(Instant At, PersistentVolumeClaim Claim, long? Scan);

    // What the extender was asked about a claim, when, and which nodes it gave.
    private sealed record Question(Instant At, long Turn, IReadOnlyList<string> Nodes, IReadOnlyList<string> Given);

    private sealed record Report(NodeLocalStorage Storage, NodeLocalStorageStatus Status, string Account, ExtentSize ExtentSize);
}
