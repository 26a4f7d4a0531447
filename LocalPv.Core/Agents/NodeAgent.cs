using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// The agent of one node: turns the disks of the classes that apply to it into volume groups, reports them, makes the volumes of claims
/// that select the node, gives back to the scheduler those it cannot make, and grows and removes volumes.
/// </summary>
public sealed class NodeAgent : IAgent, IKeepsCopies
{
    private readonly Calls _calls = new();
    private readonly NodeWatches _watches;
    private readonly StorageView _storage;
    private readonly ClassKeeper _classes;
    private readonly VolumeKeeper _volumes;
    private Instant _alarm = Instant.Never;

    /// <summary>An agent that knows nothing yet; throws where the options contradict each other.</summary>
    public NodeAgent(NodeAgentOptions options)
    {
        if (options.OrphanGrace <= options.MutationTimeout + options.ApiTimeout)
        {
            throw new ArgumentException(
                $"OrphanGrace ({options.OrphanGrace}) must be more than MutationTimeout and ApiTimeout together, "
                    + "or a volume could be taken for an orphan while it is made.",
                nameof(options));
        }

        Options = options;
        _watches = new NodeWatches(_calls, options);
        _storage = new StorageView(_calls, options);
        var events = new EventRecorder(_calls, "localpv-agent", options.Node.Value, options.ApiTimeout);
        _classes = new ClassKeeper(_calls, options, _watches, _storage, events);
        _volumes = new VolumeKeeper(_calls, options, _watches, _storage, _classes, events);
        _classes.Orphans = _volumes.OrphansIn;
        _classes.IsInUse = _volumes.Uses;
        _storage.PictureChanged = byScan =>
        {
            _classes.MarkDirty();
            _volumes.OnPicture();
        };
        _storage.GroupFreed = group =>
        {
            _classes.MarkDirty();
            _volumes.OnGroupFreed(group);
        };
    }

    /// <summary>The settings.</summary>
    public NodeAgentOptions Options { get; }

    /// <summary>Whether everything was seen once: the API server's objects, and the node's disks.</summary>
    public bool IsSynced => _watches.IsSynced && _storage.Number > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Reflector> Copies => _watches.All;

    /// <summary>Figures for metrics and health.</summary>
    public NodeAgentFigures Figures => new(
        IsSynced,
        _storage.Number,
        _storage.ScanFailures,
        _volumes.Count,
        _volumes.InFlight,
        _volumes.Provisioned,
        _volumes.GivenBack,
        _volumes.Removed,
        _volumes.OrphansRemoved);

    /// <summary>What it waits for before it does anything, for people; empty where <see cref="IsSynced"/>.</summary>
    public string WaitsFor => !_watches.IsSynced ? _watches.WaitsFor
        : _storage.Number > 0 ? ""
        : "The node's disks have not been scanned yet." + (_storage.ScanError.Length > 0 ? " The last scan: " + _storage.ScanError : "");

    /// <summary>Figures of each volume group that a class uses here.</summary>
    public ImmutableArray<VolumeGroupFigures> GroupFigures() => VolumeGroupCount.Of(_storage, _classes, _volumes);

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        _calls.Now = now;
        switch (happened)
        {
            case AgentEvent.Started:
                _volumes.OnStarted();
                _watches.Start();
                break;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                break;
            default:
                TakeIn(happened);
                if (ChangesNothing(happened))
                {
                    return [];
                }

                break;
        }

        _watches.Tick();
        PassOnChanges();
        if (_storage.TakeHangs())
        {
            _classes.MarkDirty();
        }

        _classes.Work();
        _volumes.Work();
        _storage.Tick();
        SetAlarm();
        return _calls.Drain();
    }

    private void TakeIn(AgentEvent happened)
    {
        if (!_watches.TryHandle(happened))
        {
            _calls.TryAnswer(happened);
        }
    }

    // Every agent hears of every claim, and most are not its own: what leaves its copies as they were is no work before the alarm.
    private bool ChangesNothing(AgentEvent happened) =>
        happened is AgentEvent.WatchDelivered && _watches.Changes.Count == 0 && _calls.Effects.Count == 0 && _calls.Now < _alarm;

    private void PassOnChanges()
    {
        if (_watches.Changes.Count == 0)
        {
            return;
        }

        foreach (var change in _watches.Changes)
        {
            switch (change.Object)
            {
                case PersistentVolumeClaim:
                    _volumes.OnClaim(change);
                    break;
                case PersistentVolume:
                    _volumes.OnVolume(change);
                    _classes.OnVolume();
                    break;
                case NodeLocalStorage when IsOnlyReport(change):
                    _classes.MarkDirty();
                    break;
                default:
                    _classes.MarkDirty();
                    _volumes.OnTermsChanged();
                    break;
            }
        }

        _watches.Changes.Clear();
    }

    // Our own report comes back with every volume that is made. What it says of volumes and space changes no terms; its group's uuid may.
    private static bool IsOnlyReport(ObjectChange change) =>
        change is { Before: NodeLocalStorage before, After: NodeLocalStorage after }
        && before.IsBeingDeleted == after.IsBeingDeleted
        && before.Spec.Equals(after.Spec)
        && Equals(before.Status["machine"], after.Status["machine"])
        && Equals(before.Status["volumeGroup"], after.Status["volumeGroup"]);

    // An alarm that comes too early costs one step; so it is only ever moved forward.
    private void SetAlarm()
    {
        var due = Instant.Min(Instant.Min(_watches.Deadline, _storage.Deadline), Instant.Min(_classes.Deadline, _volumes.Deadline));
        if (due < _alarm)
        {
            _alarm = due;
            _calls.Effects.Add(new Effect.WakeAt(due));
        }
    }
}

/// <summary>Figures of a <see cref="NodeAgent"/>, for metrics and health.</summary>
/// <param name="IsSynced">Whether it has seen everything once.</param>
/// <param name="Scans">Successful scans in this life.</param>
/// <param name="ScanFailures">Failed scans in a row.</param>
/// <param name="Volumes">Claims and volumes it looks after.</param>
/// <param name="InFlight">Volumes with an effect under way.</param>
/// <param name="Provisioned">Volumes made in this life.</param>
/// <param name="GivenBack">Claims given back to the scheduler in this life.</param>
/// <param name="Removed">Logical volumes removed in this life.</param>
/// <param name="OrphansRemoved">Those of them that nobody had asked for.</param>
public sealed record NodeAgentFigures(
    bool IsSynced, long Scans, int ScanFailures, int Volumes, int InFlight, long Provisioned, long GivenBack, long Removed,
    long OrphansRemoved);
