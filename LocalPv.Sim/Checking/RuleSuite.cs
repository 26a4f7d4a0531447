using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Lvm;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Checking;

/// <summary>
/// All rules over one run: keeps the truth up to date and tells each rule what it follows. The first violation stays.
/// </summary>
public sealed class RuleSuite : IProcessObserver
{
    private readonly IFollowsObjects[] _objects;
    private readonly IFollowsVolumes[] _volumes;
    private readonly IFollowsStorage[] _storage;
    private readonly IFollowsRequests[] _requests;
    private readonly IFollowsProcesses[] _processes;
    private readonly IFollowsExtender[] _extender;
    private readonly LivenessRule[] _liveness;
    private readonly List<LivenessRule> _due = [];
    private readonly ExtenderView _view;
    private readonly Action<string, string>? _broken;
    private Instant _healedAt = Instant.Never;
    private string _actor = "";
    private bool _inExtenderCall;

    /// <summary>Watches a cluster of these parts with these rules.</summary>
    internal RuleSuite(
        FakeApiServer server,
        IReadOnlyDictionary<string, FakeNodeStorage> storage,
        Func<Instant> clock,
        IReadOnlyList<Rule> rules,
        ExtenderView? view = null,
        Action<string, string>? broken = null)
    {
        _broken = broken;
        _view = view ?? new ExtenderView();
        _view.Attach(clock);
        Truth = new Truth(server, storage, clock);
        Rules = rules;
        _objects = [.. rules.OfType<IFollowsObjects>()];
        _volumes = [.. rules.OfType<IFollowsVolumes>()];
        _storage = [.. rules.OfType<IFollowsStorage>()];
        _requests = [.. rules.OfType<IFollowsRequests>()];
        _processes = [.. rules.OfType<IFollowsProcesses>()];
        _extender = [.. rules.OfType<IFollowsExtender>()];
        _liveness = [.. rules.OfType<LivenessRule>()];
        foreach (var rule in rules)
        {
            rule.Attach(Truth, Report);
        }

        foreach (var node in storage.Keys)
        {
            Look(node, null);
        }

        server.Committed += OnCommitted;
    }

    /// <summary>What is true.</summary>
    public Truth Truth { get; }

    /// <summary>The rules that look on.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>The first rule that was broken; null while all is well.</summary>
    public Breach? Breach { get; private set; }

    /// <summary>When <see cref="Tick"/> next has something to decide.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Faults have ended, or are permanent: what must come has its time from now on.</summary>
    public void Healed(Instant now)
    {
        _healedAt = now;
        LookAtAllNodes();
        foreach (var rule in _liveness)
        {
            rule.OnHealed(now);
        }

        _due.Clear();
        _due.AddRange(_liveness.OrderBy(rule => rule.Bound));
        NextDeadline = _due.Count > 0 ? now + _due[0].Bound : Instant.Never;
    }

    /// <summary>Looks at the rules whose time has come.</summary>
    public void Tick(Instant now)
    {
        if (now < NextDeadline)
        {
            return;
        }

        LookAtAllNodes();
        while (_due.Count > 0 && _healedAt + _due[0].Bound <= now)
        {
            var rule = _due[0];
            _due.RemoveAt(0);
            if (rule.Pending() is { } why)
            {
                Report(new Breach(rule.Id, now, $"{rule.Bound.TotalMinutes:0.#} min after the last fault: {why}"));
            }
        }

        NextDeadline = _due.Count > 0 ? _healedAt + _due[0].Bound : Instant.Never;
    }

    /// <summary>What is still missing, each with its reason; empty where all is as it should be.</summary>
    public IReadOnlyList<string> Pending()
    {
        LookAtAllNodes();
        return [.. _liveness.Select(rule => rule.Pending() is { } why ? $"{rule.Id}: {why}" : null).OfType<string>()];
    }

    /// <inheritdoc/>
    public void Started(string process, int life)
    {
        Truth.SetUp(process, true);
        if (Actors.IsExtender(process))
        {
            _view.Start(process);
            Truth.Disturb();
        }

        foreach (var follower in _processes)
        {
            follower.OnStarted(process, life);
        }
    }

    /// <inheritdoc/>
    public void Ended(string process)
    {
        Truth.SetUp(process, false);
        if (Actors.IsExtender(process))
        {
            Truth.Disturb();
        }
    }

    /// <summary>A process learns something.</summary>
    public void Happening(string process, int life, AgentEvent happened)
    {
        if (Actors.IsOurs(process))
        {
            if (Actors.IsExtender(process))
            {
                _view.Take(happened);
            }

            foreach (var follower in _processes)
            {
                follower.OnHappening(process, life, happened);
            }
        }
    }

    /// <summary>A process has asked for an effect, which is on its way now.</summary>
    public void Asked(string process, int life, Effect effect)
    {
        if (effect is Effect.CloseWatch close && Actors.IsExtender(process))
        {
            _view.Closed(close.Watch);
        }

        if (Actors.IsOurs(process))
        {
            foreach (var follower in _processes)
            {
                follower.OnAsked(process, life, effect);
            }
        }
    }

    /// <inheritdoc/>
    public void Taking(string process, int life, Effect effect)
    {
        switch (effect)
        {
            case Effect.CallCluster call:
                _actor = process;
                if (Actors.IsOurs(process))
                {
                    var asked = new ClusterCall(process, life, call.Request);
                    foreach (var follower in _requests)
                    {
                        follower.Before(asked);
                    }
                }

                break;
            case Effect.CallStorage call when Actors.IsAgent(process):
                var before = new LvmCall(Actors.NodeOf(process), process, life, call.Request);
                Look(before.Node, null);
                foreach (var follower in _storage)
                {
                    follower.Before(before);
                }

                break;
            case CallExtender:
                _inExtenderCall = true;
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void Took(string process, int life, Effect effect, AgentEvent? answer)
    {
        _actor = "";
        _inExtenderCall = false;
        switch (effect)
        {
            case Effect.CallStorage call when Actors.IsAgent(process):
                var after = new LvmCall(Actors.NodeOf(process), process, life, call.Request);
                if (call.Request is not NodeStorageRequest.Scan)
                {
                    Look(after.Node, after);
                }

                var outcome = answer is AgentEvent.StorageAnswered answered ? answered.Outcome : (Outcome<NodeStorageAnswer>?)null;
                foreach (var follower in _storage)
                {
                    follower.After(after, outcome);
                }

                break;
            case CallExtender call when answer is ExtenderAnswered told:
                if (call.Verb == ExtenderVerb.Filter)
                {
                    var given = told.Outcome is { IsDone: true, Value: ExtenderAnswer.Filtered { NodeNames: { } names } } ? names : [];
                    _view.Asked(call.Arguments.Pod, [.. call.Arguments.CandidateNames], given);
                }

                foreach (var follower in _extender)
                {
                    follower.OnAnswered(call, told.Outcome);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Looks at every node's disks: after something was done to them that is no request.</summary>
    public void LookAtAllNodes()
    {
        foreach (var node in Truth.Nodes.Keys.ToArray())
        {
            Look(node, null);
        }
    }

    private void Look(string node, LvmCall? by)
    {
        foreach (var change in Truth.Look(node, by))
        {
            foreach (var follower in _volumes)
            {
                follower.OnVolume(change);
            }
        }
    }

    private void OnCommitted(Change change)
    {
        if (_inExtenderCall)
        {
            Report(new Breach("S19", Truth.Now, $"the extender wrote {change} while it answered a call."));
        }

        Truth.Take(change);

        // An Event goes by itself when its time is over, whoever asks for something just then.
        var actor = change is { Type: ChangeType.Deleted, Object.Type.Kind: "Event" } ? "" : _actor;
        var commit = new Commit(change, actor);
        foreach (var follower in _objects)
        {
            follower.OnCommit(commit);
        }
    }

    private void Report(Breach breach)
    {
        Breach ??= breach;
        _broken?.Invoke(breach.Id, breach.What);
    }
}
