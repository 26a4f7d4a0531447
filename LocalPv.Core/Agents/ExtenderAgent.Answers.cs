using System.Collections.Immutable;
using System.Text;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <content>The answers.</content>
public sealed partial class ExtenderAgent
{
    private const string NotReady = "LocalPv's extender has not seen the whole cluster yet; it is asked again in a moment.";

    private readonly NodeSet _passed = new();
    private readonly NodeSet _offered = new();
    private readonly Dictionary<string, Instant> _waiting = [];
    private readonly Queue<(Instant Asked, string Pod)> _waitingInOrder = new();
    private int[] _numbers = [];

    /// <summary>
    /// On which nodes the Pod's storage fits. Any thread. The nodes that pass are offered to the Pod's claims until one is chosen; asking
    /// again gives the same answer.
    /// </summary>
    public FilterDecision Filter(Instant now, FilterRequest request)
    {
        var (text, parts) = Encode(request.NodeNames);
        var verdicts = new NodeVerdict[request.NodeNames.Length];
        var judgement = Judge(now, request.Pod, new NodeNames(text, parts), verdicts);
        if (judgement.Error.Length > 0)
        {
            return FilterDecision.Failed(judgement.Error);
        }

        if (judgement.PassesAll)
        {
            return new FilterDecision(request.NodeNames, [], "");
        }

        var exact = judgement.Rejected <= VerdictText.ExactMax;
        var passed = ImmutableArray.CreateBuilder<string>();
        var rejected = ImmutableArray.CreateBuilder<RejectedNode>();
        for (var i = 0; i < verdicts.Length; i++)
        {
            var name = request.NodeNames[i];
            if (verdicts[i].Kind == VerdictKind.Fits)
            {
                passed.Add(name);
            }
            else
            {
                rejected.Add(new RejectedNode(name, VerdictText.Of(verdicts[i], judgement.Claims.AsSpan(), name, exact)));
            }
        }

        return new FilterDecision(passed.ToImmutable(), rejected.ToImmutable(), "");
    }

    /// <summary>
    /// How well the nodes suit the Pod's storage, 0 to 10; 0 for all where it has none of ours. Any thread. Changes nothing.
    /// </summary>
    public PrioritizeDecision Prioritize(Instant now, FilterRequest request)
    {
        var (text, parts) = Encode(request.NodeNames);
        var scores = new byte[request.NodeNames.Length];
        var error = Rate(now, request.Pod, new NodeNames(text, parts), scores);
        return error.Length > 0
            ? new PrioritizeDecision([], error)
            : new PrioritizeDecision([.. request.NodeNames.Select((name, index) => new ScoredNode(name, scores[index]))], "");
    }

    /// <summary>
    /// <see cref="Filter"/> for names as bytes: fills in one verdict for each name, unless the whole is an error or passes. Makes no
    /// garbage that grows with the nodes.
    /// </summary>
    public Judgement Judge(Instant now, PodToPlace pod, NodeNames names, Span<NodeVerdict> verdicts)
    {
        lock (_gate)
        {
            _ledger.Expire(now);
            if (ClaimsOf(now, pod, out var error) is not { } claims)
            {
                return Judgement.Failed(error);
            }

            if (claims.Length == 0)
            {
                return Judgement.PassAll;
            }

            ImmutableArray<ClaimDemand> demands = [.. claims.Select(claim => claim.Demand)];
            var impossible = Array.FindIndex(claims, claim => claim.Demand.Impossible is not null);
            if (impossible >= 0)
            {
                verdicts[..names.Count].Fill(new NodeVerdict(VerdictKind.Impossible, impossible));
                return Judgement.Of(demands, names.Count);
            }

            var numbers = NumbersOf(names);
            var rejected = NodeFilter.Judge(_ledger, now, new ClaimGroups(_ledger, claims), numbers, verdicts, _passed);
            OfferPassed(now, pod, claims);
            if (rejected == names.Count)
            {
                _waker.TurnAway(now, pod.Uid, claims);
            }

            return Judgement.Of(demands, rejected);
        }
    }

    /// <summary><see cref="Prioritize"/> for names as bytes; the error, or an empty text.</summary>
    public string Rate(Instant now, PodToPlace pod, NodeNames names, Span<byte> scores)
    {
        lock (_gate)
        {
            scores[..names.Count].Clear();
            if (ClaimsOf(now, pod, out var error) is not { } claims)
            {
                return error;
            }

            if (claims.Length > 0 && Array.TrueForAll(claims, claim => claim.Demand.Impossible is null))
            {
                NodeScore.Rate(_ledger, _options.Score, new ClaimGroups(_ledger, claims), NumbersOf(names), scores);
            }

            return "";
        }
    }

    private void OfferPassed(Instant now, PodToPlace pod, LedgerClaim[] claims)
    {
        foreach (var claim in claims)
        {
            _offered.CopyFrom(_passed);
            _ledger.Offer(now, pod.Uid, claim, _offered);
        }
    }

    // The Pod's claims that still need a volume from us; null with an error where that is not known.
    private LedgerClaim[]? ClaimsOf(Instant now, PodToPlace pod, out string error)
    {
        error = _isReady ? "" : NotReady;
        if (!_isReady)
        {
            return null;
        }

        List<LedgerClaim>? found = null;
        foreach (var name in pod.ClaimNames)
        {
            if (_claims.Find(new ObjectKey(pod.Namespace, name)) is not PersistentVolumeClaim claim)
            {
                if (MustWait(now, pod))
                {
                    error = PlainText.Of(
                        $"Claim {pod.Namespace}/{name} of Pod {pod} has not been seen by LocalPv's extender yet; it is asked again "
                        + "in a moment.");
                    return null;
                }
            }
            else if (_ours.IsToBePlaced(claim) && ClaimUid.TryParse(claim.Uid, out var uid) && _ledger.Find(uid) is { } known)
            {
                (found ??= []).Add(known);
            }
        }

        return found?.ToArray() ?? [];
    }

    private bool MustWait(Instant now, PodToPlace pod)
    {
        // Pods that were forgotten a minute ago start anew; this keeps the memory small.
        while (_waitingInOrder.TryPeek(out var oldest) && now - oldest.Asked > TimeSpan.FromMinutes(1))
        {
            _waiting.Remove(_waitingInOrder.Dequeue().Pod);
        }

        if (!_waiting.TryGetValue(pod.Uid, out var asked))
        {
            asked = now;
            _waiting.Add(pod.Uid, now);
            _waitingInOrder.Enqueue((now, pod.Uid));
        }

        return now - asked < _options.UnknownClaimPatience;
    }

    private ReadOnlySpan<int> NumbersOf(NodeNames names)
    {
        if (_numbers.Length < names.Count)
        {
            _numbers = new int[Math.Max(names.Count, 2 * _numbers.Length)];
        }

        _ledger.Nodes.FindAll(names, _numbers);
        return _numbers.AsSpan(0, names.Count);
    }

    private static (byte[] Text, TextPart[] Parts) Encode(ImmutableArray<string> names)
    {
        var parts = new TextPart[names.Length];
        var start = 0;
        for (var i = 0; i < names.Length; i++)
        {
            parts[i] = new TextPart(start, Encoding.UTF8.GetByteCount(names[i]));
            start += parts[i].Length;
        }

        var text = new byte[start];
        for (var i = 0; i < names.Length; i++)
        {
            Encoding.UTF8.GetBytes(names[i], text.AsSpan(parts[i].Start));
        }

        return (text, parts);
    }
}
