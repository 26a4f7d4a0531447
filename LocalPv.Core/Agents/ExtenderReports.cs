using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Gives what NodeLocalStorage objects report to the ledger, and closes those that nobody renews. A part of
/// <see cref="ExtenderAgent"/>.
/// </summary>
internal sealed class ExtenderReports(CapacityLedger ledger, TimeSpan staleAfter)
{
    private readonly SortedDictionary<ObjectKey, Entry> _entries = [];
    private readonly SortedSet<(Instant At, ObjectKey Key)> _deadlines = [];

    internal Instant Deadline => _deadlines.Count == 0 ? Instant.Never : _deadlines.Min.At;

    /// <summary>Takes in a change. <paramref name="first"/>: it comes with the first list, so that it may be old.</summary>
    internal void Handle(Instant now, ObjectChange change, bool first)
    {
        var key = change.Object.Key;
        var report = (change.After as StorageReport)?.Report;
        _entries.TryGetValue(key, out var before);
        if (before is not null)
        {
            _deadlines.Remove((before.StaleAt, key));
            _entries.Remove(key);
        }

        if (before is not null && (report is null || report.Class != before.Report.Class || report.Node != before.Report.Node))
        {
            ledger.RemoveReport(before.Report.Class, before.Report.Node);
        }

        if (report is null)
        {
            return;
        }

        var renewed = before is null
            || before.Report.ScannedAt != report.ScannedAt || before.Report.ScanSequence != report.ScanSequence;
        var heard = first && report.ScannedAt is { } scanned ? Instant.Min(scanned, now) : renewed ? now : before!.HeardAt;
        var entry = new Entry(report, heard, heard + staleAfter);
        _entries[key] = entry;
        Apply(now, key, entry);
    }

    internal void Tick(Instant now)
    {
        while (_deadlines.Count > 0 && _deadlines.Min.At <= now)
        {
            var key = _deadlines.Min.Key;
            _deadlines.Remove(_deadlines.Min);
            Apply(now, key, _entries[key]);
        }
    }

    private void Apply(Instant now, ObjectKey key, Entry entry)
    {
        if (entry.StaleAt > now)
        {
            _deadlines.Add((entry.StaleAt, key));
            ledger.SetReport(entry.Report);
            return;
        }

        ledger.SetReport(entry.Report with
        {
            Closed = entry.Report.Closed ?? $"no report since {entry.HeardAt.ToRfc3339()}; look whether the agent of node "
                + $"{entry.Report.Node} runs",
        });
    }

    private sealed record Entry(VolumeGroupReport Report, Instant HeardAt, Instant StaleAt);
}
