using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>
/// What one node agent knows of its disks and LVM, and the only way to change them: at most one change under way in each volume group, and
/// after one whose end is not known none before a later scan. A group that hangs holds up nothing but itself.
/// </summary>
internal sealed class StorageView(Calls calls, NodeAgentOptions options)
{
    // From how many failures in a row on something is wrong: a single one is no news, unless LVM let all the time pass that it had.
    private const int FailuresTold = 2;

    private readonly SortedDictionary<VolumeGroupName, Instant> _busySince = [];
    private readonly SortedDictionary<VolumeGroupName, Instant> _inDoubtSince = [];
    private readonly SortedDictionary<VolumeGroupName, Instant> _missingSince = [];

    // Changes in a row that LVM could not make, or of which nobody knows whether it did, and what was said of the last.
    private readonly SortedDictionary<VolumeGroupName, (int Count, string Message)> _failing = [];

    // Groups that a change touched while the scan under way was made: what it says of them may be from before or after.
    private readonly SortedSet<VolumeGroupName> _touched = [];

    // Groups that were removed, and the number of the last scan that may still show them.
    private readonly SortedDictionary<VolumeGroupName, long> _removed = [];
    private readonly NewDisks _newDisks = new(options.NewDiskGrace);
    private Instant? _scanningSince;
    private bool _scanTimedOut;
    private int _leftOut;
    private bool _scanWanted = true;
    private Instant _hangsTakenAt = Instant.Epoch;
    private Instant _nextScan = Instant.Epoch;
    private Instant _periodic = Instant.Epoch;

    /// <summary>
    /// What LVM looks like now, as far as is known: the last scan, and the answers to changes since. Null before the first scan.
    /// </summary>
    internal NodeScan? Picture { get; private set; }

    /// <summary>The last scan as it was made, for reports; null before the first.</summary>
    internal NodeScan? LastScan { get; private set; }

    /// <summary>The number of that scan in this life.</summary>
    internal long Number { get; private set; }

    /// <summary>The number of the last scan that does not show for certain what has happened until now.</summary>
    internal long LastUnclear => _scanningSince is null ? Number : Number + 1;

    /// <summary>When that scan ended.</summary>
    internal Instant ScannedAt { get; private set; }

    /// <summary>Failed scans in a row.</summary>
    internal int ScanFailures { get; private set; }

    /// <summary>Why the last scan failed; empty where it did not.</summary>
    internal string ScanError { get; private set; } = "";

    /// <summary>
    /// Whether it is to be told that scans fail. What has changed since the last good one nobody knows, and those who count on the report
    /// do so for a while only: so a scan that had no answer for all its time is told of at once.
    /// </summary>
    internal bool ScansFail => ScanFailures >= FailuresTold || _scanTimedOut;

    /// <summary>Called when <see cref="Picture"/> has changed; the argument says whether by a scan.</summary>
    internal Action<bool>? PictureChanged { get; set; }

    /// <summary>Called when a group can take a request again.</summary>
    internal Action<VolumeGroupName>? GroupFreed { get; set; }

    /// <summary>When <see cref="Tick"/> wants to be called.</summary>
    internal Instant Deadline
    {
        get
        {
            var next = _scanningSince is not null ? Instant.Never : _scanWanted ? _nextScan : Instant.Max(_nextScan, _periodic);
            return Instant.Min(next, Instant.Min(NextHang(_busySince, calls.Now), NextHang(_inDoubtSince, calls.Now)));
        }
    }

    internal GroupState StateOf(VolumeGroupName group) =>
        _busySince.ContainsKey(group) ? GroupState.Busy
        : _inDoubtSince.ContainsKey(group) ? GroupState.InDoubt
        : GroupState.Ready;

    /// <summary>Whether the group has not answered for too long.</summary>
    internal bool IsHung(VolumeGroupName group)
    {
        var since = Instant.Min(
            _busySince.GetValueOrDefault(group, Instant.Never), _inDoubtSince.GetValueOrDefault(group, Instant.Never));
        return since != Instant.Never && calls.Now - since >= options.HungAfter;
    }

    /// <summary>Whether a group has begun to hang since this was last asked.</summary>
    internal bool TakeHangs()
    {
        var before = _hangsTakenAt;
        _hangsTakenAt = calls.Now;
        return Instant.Min(NextHang(_busySince, before), NextHang(_inDoubtSince, before)) <= calls.Now;
    }

    /// <summary>
    /// Why changes in the group fail again and again though it is seen, as on a disk that takes no more writes; empty where they do not.
    /// </summary>
    internal string ChangeError(VolumeGroupName group) =>
        _failing.TryGetValue(group, out var failing) && failing.Count >= FailuresTold ? failing.Message : "";

    /// <summary>
    /// Since when the group has been missing from what is known; null where it is there. One that the report leaves out since somebody has
    /// locked it, but whose disks are there, is not missing: what lies in it is not known.
    /// </summary>
    internal Instant? MissingSince(VolumeGroupName group)
    {
        if (IsSeen(group))
        {
            _missingSince.Remove(group);
            return null;
        }

        if (!_missingSince.TryGetValue(group, out var since))
        {
            _missingSince.Add(group, since = calls.Now);
        }

        return since;
    }

    private bool IsSeen(VolumeGroupName group) =>
        Picture is { } seen && (seen.Group(group) is not null || seen.LeavesOut(group));

    /// <summary>Whether the last scan may still show a group that has been removed since.</summary>
    internal bool IsOutdated(VolumeGroupName group) => _removed.TryGetValue(group, out var last) && Number <= last;

    /// <summary>Looks at the time.</summary>
    internal void Tick()
    {
        if (_scanningSince is null && calls.Now >= _nextScan && (_scanWanted || calls.Now >= _periodic))
        {
            Scan();
        }
    }

    /// <summary>
    /// Asks for a scan soon; where it is only to tell what a group in doubt is like, and the last one left out such a group, in its time.
    /// </summary>
    internal void RequestScan(bool ofDoubt = false) => _scanWanted |= !ofDoubt || _leftOut == 0;

    /// <summary>Sends a change to a group that is <see cref="GroupState.Ready"/>.</summary>
    internal void Change(
        VolumeGroupName group, NodeStorageRequest request, TimeSpan timeout, Action<Outcome<NodeStorageAnswer>> answered)
    {
        if (StateOf(group) != GroupState.Ready)
        {
            throw new InvalidOperationException($"The volume group {group} is {StateOf(group)}: a second change must not be sent to it.");
        }

        _busySince.Add(group, calls.Now);
        _touched.Add(group);
        calls.Storage(request, timeout, outcome => OnChanged(group, request, outcome, answered));
    }

    private void OnChanged(
        VolumeGroupName group, NodeStorageRequest request, Outcome<NodeStorageAnswer> outcome, Action<Outcome<NodeStorageAnswer>> answered)
    {
        _busySince.Remove(group, out var since);
        _scanWanted = true;
        if (request is NodeStorageRequest.RemoveVolumeGroup && outcome.Kind is (OutcomeKind.Done or OutcomeKind.NotFound))
        {
            _removed[group] = LastUnclear;
        }

        // What is there already, and not in the picture, was made by an earlier life of ours or by somebody else: only a scan beside which
        // nothing changes shows what it is.
        if (outcome.Kind is OutcomeKind.InDoubt or OutcomeKind.AlreadyExists)
        {
            _inDoubtSince[group] = since;
        }
        else if (outcome.TryGetValue(out var answer) && Picture is not null)
        {
            Picture = PictureUpdate.Apply(Picture, request, answer);
            PictureChanged?.Invoke(false);
        }

        CountFailure(group, request, outcome);
        answered(outcome);
        if (StateOf(group) == GroupState.Ready)
        {
            GroupFreed?.Invoke(group);
        }
    }

    // A volume that cannot be removed because it is in use says nothing about its group.
    private void CountFailure(VolumeGroupName group, NodeStorageRequest request, Outcome<NodeStorageAnswer> outcome)
    {
        var makes = request is NodeStorageRequest.CreateLogicalVolume or NodeStorageRequest.ExtendLogicalVolume;
        if (outcome.IsDone)
        {
            _failing.Remove(group);
        }
        else if (outcome.Kind == OutcomeKind.InDoubt || (makes && outcome.Kind == OutcomeKind.Unavailable))
        {
            _failing[group] = (_failing.GetValueOrDefault(group).Count + 1, outcome.Message);
        }
    }

    private void Scan()
    {
        _scanningSince = calls.Now;
        _scanWanted = false;
        _touched.Clear();
        foreach (var busy in _busySince.Keys)
        {
            _touched.Add(busy);
        }

        var doubted = _inDoubtSince.Keys.ToImmutableArray();
        calls.Storage(new NodeStorageRequest.Scan(), options.ScanTimeout, outcome => OnScanned(outcome, doubted));
    }

    private void OnScanned(Outcome<NodeStorageAnswer> outcome, ImmutableArray<VolumeGroupName> doubted)
    {
        // The clock that ended its time may be another one: half of it is a long silence too.
        var timedOut = calls.Now - _scanningSince >= options.ScanTimeout / 2;
        _scanningSince = null;
        _periodic = calls.Now + options.ScanPeriod;
        if (!outcome.TryGetValue(out var answer) || answer is not NodeStorageAnswer.Scanned { Scan: var scan })
        {
            ScanFailures++;
            _scanTimedOut |= timedOut;
            ScanError = outcome.Message;
            _scanWanted = true;
            _nextScan = calls.Now + options.Backoff.After(ScanFailures, options.Spread);
            PictureChanged?.Invoke(true);
            return;
        }

        // What is as it was is the same object: what follows from a scan is not worked out again for one that is known.
        var disks = _newDisks.Mark(scan.Disks, calls.Now);
        scan = KnownScan.In(LastScan, disks == scan.Disks ? scan : scan with { Disks = disks });
        ScanFailures = 0;
        _scanTimedOut = false;
        ScanError = "";
        _nextScan = calls.Now + options.ScanGap;

        // A change that is still under way asks for the next scan when it ends.
        _scanWanted |= _touched.Any(group => !_busySince.ContainsKey(group));
        LastScan = scan;
        ScannedAt = calls.Now;
        Number++;
        Picture = Picture is null ? scan : PictureUpdate.Keep(scan, Picture, _touched);

        // Nobody may have asked while it was there: the next time that it is missing is not the same time.
        foreach (var back in _missingSince.Keys.Where(IsSeen).ToArray())
        {
            _missingSince.Remove(back);
        }

        var settled = doubted
            .Where(group => !_touched.Contains(group) && !scan.LeavesOut(group) && _inDoubtSince.Remove(group))
            .ToArray();
        LookAgainAtLeftOut(scan, doubted);
        PictureChanged?.Invoke(true);
        foreach (var group in settled)
        {
            GroupFreed?.Invoke(group);
        }
    }

    // Only a scan that shows a group says what has happened in it: one that leaves it out settles no doubt. Whoever has locked it may do so
    // for long; scans that others ask for do not wait for that.
    private void LookAgainAtLeftOut(NodeScan scan, ImmutableArray<VolumeGroupName> doubted)
    {
        if (!doubted.Any(scan.LeavesOut))
        {
            _leftOut = 0;
            return;
        }

        _periodic = Instant.Min(_periodic, calls.Now + options.Backoff.After(++_leftOut, options.Spread));
    }

    // When the next group begins to hang, after that moment.
    private Instant NextHang(SortedDictionary<VolumeGroupName, Instant> unanswered, Instant after)
    {
        var next = Instant.Never;
        if (unanswered.Count > 0)
        {
            foreach (var since in unanswered.Values)
            {
                var hung = since + options.HungAfter;
                next = hung > after ? Instant.Min(next, hung) : next;
            }
        }

        return next;
    }
}
