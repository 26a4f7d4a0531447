using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>How a scheduling cycle ended.</summary>
internal abstract record CycleResult
{
    /// <summary>The Pod goes to this node.</summary>
    public sealed record Placed(string Node, PodVolumes Volumes, bool UsesClaims) : CycleResult;

    /// <summary>The Pod fits nowhere.</summary>
    /// <param name="Message">Why, for people.</param>
    /// <param name="Rejectors">Who turned it away; none when there are no nodes at all.</param>
    /// <param name="Preempted">Who is driven away so that it fits; null for nobody.</param>
    /// <param name="KeepsNomination">Whether others are going for it already, on the node it is to go to.</param>
    public sealed record Unschedulable(
        string Message, SchedulerPlugin Rejectors, Preempted? Preempted = null, bool KeepsNomination = false) : CycleResult;

    /// <summary>Something went wrong; it says nothing about the Pod.</summary>
    public sealed record Failed(string Message) : CycleResult;
}

/// <summary>
/// Finds a node for one Pod (<c>schedule_one.go</c>): in-tree filters on sampled nodes, then the extenders one after another, then scores.
/// Waits for extenders between steps; the cluster may change meanwhile, which it does not look at again.
/// </summary>
internal sealed class SchedulingCycle(QueuedPod pod, ClusterPicture picture, VolumeBinder binder, SchedulingContext context)
{
    private readonly Dictionary<string, PodVolumes> _volumes = new(StringComparer.Ordinal);
    private readonly Diagnosis _diagnosis = new();
    private readonly ExtenderRound _round = new(pod.Needs, context);
    private PodClaims _claims = PodClaims.None;
    private PodRelations? _relations;
    private List<NodeState> _feasible = [];
    private int _passedFilters;
    private int _nextExtender;
    private bool _onNominated;

    /// <summary>The Pod.</summary>
    public QueuedPod Pod { get; } = pod;

    /// <summary>How it ended; null while it waits for an extender.</summary>
    public CycleResult? Result { get; private set; }

    /// <summary>When an extender that has not answered is given up.</summary>
    public Instant Deadline => Result is null ? _round.Deadline : Instant.Never;

    private PodNeeds Needs => Pod.Needs;

    /// <summary>Begins.</summary>
    public void Start(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        if (picture.Nodes.Count == 0)
        {
            Result = new CycleResult.Unschedulable("no nodes available to schedule pods", SchedulerPlugin.None);
            return;
        }

        if (Needs.Claims.Length > 0)
        {
            var claims = binder.Sort(Needs, out var rejection, out var plugin);
            if (claims is null)
            {
                _diagnosis.RejectPod(plugin, rejection!);
                Reject();
                return;
            }

            _claims = claims;
        }

        var nominatedNode = Needs.NominatedNode.Length > 0 ? Needs.NominatedNode : picture.Nominations.NodeOf(Pod.Uid);
        var nominated = nominatedNode.Length > 0 ? picture.FindNode(nominatedNode) : null;
        if (nominated is not null)
        {
            _onNominated = true;
            _feasible = Check(nominated) ? [nominated] : [];
            AskFilters(now, effects);
        }
        else
        {
            FilterAll(now, effects);
        }
    }

    /// <summary>Takes in an extender's answer, if this cycle waits for it.</summary>
    public void TakeIn(Instant now, ExtenderAnswered answered, ImmutableArray<Effect>.Builder effects)
    {
        if (Result is null && _round.TakeIn(answered.Call, answered.Outcome))
        {
            GoOn(now, effects);
        }
    }

    /// <summary>Looks at the time: an extender that is late has failed.</summary>
    public void Tick(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        if (Result is null && now >= _round.Deadline)
        {
            _round.GiveUp(now);
            GoOn(now, effects);
        }
    }

    private void GoOn(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        if (!_round.IsComplete)
        {
            return;
        }

        if (_round.Verb == ExtenderVerb.Prioritize)
        {
            Choose();
            return;
        }

        var extender = context.Extenders[_nextExtender++];
        if (_round.TakeFiltered(extender, _feasible, _diagnosis, out var left) is { } error)
        {
            if (!extender.Ignorable)
            {
                Fail(now, error, effects);
                return;
            }
        }
        else
        {
            _feasible = left;
        }

        AskFilters(now, effects);
    }

    private void Fail(Instant now, string error, ImmutableArray<Effect>.Builder effects)
    {
        if (_onNominated)
        {
            // A failed look at the nominated node is passed over; all nodes are tried.
            FilterAll(now, effects);
        }
        else
        {
            Result = new CycleResult.Failed(error);
        }
    }

    private void FilterAll(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        _onNominated = false;
        _nextExtender = 0;
        var nodes = picture.Nodes;
        var wanted = context.FeasibleNodesToFind(nodes.Count);
        _feasible = new List<NodeState>(wanted);
        _volumes.EnsureCapacity(wanted);
        for (var i = 0; i < nodes.Count && _feasible.Count < wanted; i++)
        {
            var node = nodes[(context.NextStart + i) % nodes.Count];
            if (Check(node))
            {
                _feasible.Add(node);
            }
        }

        context.NextStart = (context.NextStart + _feasible.Count + _diagnosis.Count) % nodes.Count;
        _passedFilters = _feasible.Count;
        AskFilters(now, effects);
    }

    private bool Check(NodeState node)
    {
        _relations ??= PodRelations.Of(Needs, picture);
        PodVolumes? volumes = null;
        var rejection = CheckBesideNominated(node)
            ?? NodeTrial.FirstRejection(Needs, _claims, binder, node, _relations, out volumes);
        if (rejection is null && volumes is not null)
        {
            _volumes[node.Name] = volumes;
        }

        if (rejection is not null)
        {
            _diagnosis.Reject(node.Name, rejection);
        }

        return rejection is null;
    }

    // The node must do with the Pods on it that are said to come and are as important, and without them.
    private FilterStatus? CheckBesideNominated(NodeState node)
    {
        var nominated = picture.Nominations.Before(Needs, node.Name);
        if (nominated.Count == 0)
        {
            return null;
        }

        var trial = new NodeTrial(Needs, _claims, binder, node, _relations!);
        nominated.ForEach(trial.Add);
        return trial.FirstRejection();
    }

    // Asks the next extender that filters; when there is none, goes on with what is left.
    private void AskFilters(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        while (_nextExtender < context.Extenders.Length && _feasible.Count > 0)
        {
            var extender = context.Extenders[_nextExtender];
            if (extender.Filters && IsInterested(extender))
            {
                _round.Ask(now, ExtenderVerb.Filter, [extender], _feasible, effects);
                return;
            }

            _nextExtender++;
        }

        if (_onNominated && _feasible.Count == 0)
        {
            FilterAll(now, effects);
            return;
        }

        if (!_onNominated && _feasible.Count != _passedFilters)
        {
            _diagnosis.AddExtender();
        }

        switch (_feasible.Count)
        {
            case 0:
                Reject();
                break;
            case 1:
                Place(_feasible[0]);
                break;
            default:
                AskScores(now, effects);
                break;
        }
    }

    private void AskScores(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        var asked = context.Extenders.Where(extender => extender.Prioritizes && IsInterested(extender)).ToImmutableArray();
        if (asked.IsEmpty)
        {
            _round.AskNobody();
            Choose();
        }
        else
        {
            _round.Ask(now, ExtenderVerb.Prioritize, asked, _feasible, effects);
        }
    }

    private bool IsInterested(ExtenderSettings extender) =>
        extender.ManagedResources.IsEmpty || extender.ManagedResources.Any(resource => Needs.Requests.Names(resource));

    private void Choose()
    {
        var scores = NodeScores.Of(Needs, _feasible, picture);
        _round.AddScores(_feasible, scores);
        var best = 0;
        var bestTie = context.Ties.Next();
        for (var i = 1; i < scores.Length; i++)
        {
            var tie = context.Ties.Next();
            if (scores[i] > scores[best] || (scores[i] == scores[best] && tie > bestTie))
            {
                best = i;
                bestTie = tie;
            }
        }

        Place(_feasible[best]);
    }

    private void Place(NodeState node) => Result = new CycleResult.Placed(
        node.Name, _volumes.GetValueOrDefault(node.Name, PodVolumes.None), _volumes.ContainsKey(node.Name));

    private void Reject()
    {
        var preemption = new Preemption(Needs, _claims, picture, binder);
        var ineligible = preemption.Ineligible(_diagnosis);
        var preempted = ineligible is null ? preemption.Find(_diagnosis) : null;
        Result = new CycleResult.Unschedulable(
            _diagnosis.Message(picture.Nodes.Count, context.Version, ineligible, preempted is not null),
            _diagnosis.Plugins,
            preempted,
            ineligible is not null);
    }
}
