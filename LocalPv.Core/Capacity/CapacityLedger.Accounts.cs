using System.Runtime.InteropServices;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Capacity;

/// <content>Reports, and the sums over them.</content>
public sealed partial class CapacityLedger
{
    // Replaces the report of a class on a node by another, by its first, or by none.
    private void Exchange(ClassColumn column, int node, VolumeGroupReport? known, VolumeGroupReport? report)
    {
        ApplyOffersAt(node, -1);
        CountVolumes(known, -1);
        CountVolumes(report, +1);
        var before = column.AccountAt(node);
        var after = report?.Group is null ? -1 : EnterAccount(node, report);
        if (before >= 0)
        {
            _accounts[before]!.Reports.Remove(known!);
        }

        if (after >= 0)
        {
            _accounts[after]!.Reports.Add(report!);
        }

        if (before >= 0 && _accounts[before]!.Reports.Count == 0)
        {
            LeaveAccount(before);
        }

        // What was known of a group helps nobody until its report says that it takes volumes.
        _freed |= after >= 0 && report!.Closed is null && column.SlotAt(node).Account < 0;
        column.Set(node, report, after < 0 ? default : new ClassSlot(report!.Closed is null ? after : -1, CostNumber(report)), after);
        ApplyOffersAt(node, +1);
        DropSettled(node);
        Recount(node);
    }

    private void CountVolumes(VolumeGroupReport? report, int sign)
    {
        foreach (var claim in report?.Volumes ?? [])
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_reported, claim, out _);
            count += sign;
            if (count == 0)
            {
                _reported.Remove(claim);
            }
        }
    }

    private int EnterAccount(int node, VolumeGroupReport report)
    {
        var accounts = _nodes[node].Accounts ??= [];
        var thin = report.Layout.Type == LayoutType.Thin;
        foreach (var number in accounts)
        {
            if (_accounts[number]!.Group == report.Group && _accounts[number]!.Thin == thin)
            {
                return number;
            }
        }

        if (!_freeAccounts.TryPop(out var free))
        {
            free = _accounts.Count;
            _accounts.Add(null);
            if (free >= _available.Length)
            {
                Array.Resize(ref _available, _available.Length * 2);
                Array.Resize(ref _capacity, _capacity.Length * 2);
            }
        }

        // The number may have been another group's.
        _available[free] = 0;
        _accounts[free] = new VolumeGroupAccount(node, report.Group!.Value, thin);
        accounts.Add(free);
        return free;
    }

    private void LeaveAccount(int number)
    {
        _nodes[_accounts[number]!.Node].Accounts!.Remove(number);
        _accounts[number] = null;
        _freeAccounts.Push(number);
    }

    private int CostNumber(VolumeGroupReport report)
    {
        var cost = new VolumeCost(report.Layout, report.ExtentSize);
        if (!_costNumbers.TryGetValue(cost, out var number))
        {
            number = _costs.Count;
            _costNumbers.Add(cost, number);
            MindsDisks |= NeedsSeveralDisks(cost.Layout);
            _costs.Add(cost);
        }

        return number;
    }

    // The promise of a claim that is gone ends with the report that shows its volume, and where its time was up before, with any.
    private void DropSettled(int node)
    {
        if (_nodes[node].Promised is not { } promised)
        {
            return;
        }

        for (var i = promised.Count - 1; i >= 0; i--)
        {
            var claim = promised[i];
            if (claim.IsGone && (_classes[claim.ClassNumber].ReportAt(node)?.Holds(claim.Demand.Uid) == true
                || (claim.GoneUntil == Instant.Never && HasReportedSince(claim))))
            {
                promised.RemoveAt(i);
                _deadlines.Remove((claim.Deadline, claim.Demand.Uid));
                _claims.Remove(claim.Demand.Uid);
            }
        }
    }

    private void Recount(int node)
    {
        foreach (var number in CollectionsMarshal.AsSpan(_nodes[node].Accounts))
        {
            var account = _accounts[number]!;
            account.Unpromised = Unpromised(number, []);
            var available = checked(account.Unpromised - account.Offered);
            _freed |= available > _available[number];
            _available[number] = available;
            _capacity[number] = account.Reports.Max(report => report.Capacity.Value);
        }
    }

    // What the group has besides its promises, but for those to some claims.
    private long Unpromised(int number, ReadOnlySpan<LedgerClaim> except)
    {
        var account = _accounts[number]!;
        var least = long.MaxValue;
        var reserve = 0L;
        foreach (var report in account.Reports)
        {
            least = Math.Min(least, Math.Min(report.Free.Value, VolumeCost.ExtentsMax) - Hidden(number, report, except));
            reserve = Math.Max(reserve, Math.Min(report.Reserve.Value, VolumeCost.ExtentsMax));
        }

        return least - reserve;
    }

    // The extents of the claims promised to the group that the report does not show: of whole volumes, and of the growth of others.
    private long Hidden(int number, VolumeGroupReport report, ReadOnlySpan<LedgerClaim> except)
    {
        var node = _accounts[number]!.Node;
        var sum = 0L;
        foreach (var claim in CollectionsMarshal.AsSpan(_nodes[node].Promised))
        {
            var column = _classes[claim.ClassNumber];
            if (column.AccountAt(node) == number && !except.Contains(claim))
            {
                var cost = column.CostAt(node);
                sum = checked(sum + (report.Holds(claim.Demand.Uid) ? Growth(claim, cost, report) : claim.ExtentsAt(cost, _costs)));
            }
        }

        return sum;
    }

    // What a volume that is there still has to grow by. An agent does not begin a growth that does not fit, so that it takes nothing then.
    private long Growth(LedgerClaim claim, int cost, VolumeGroupReport report)
    {
        if (report.SizeOf(claim.Demand.Uid) is not { } has || claim.Demand.Size <= has)
        {
            return 0;
        }

        var growth = claim.ExtentsAt(cost, _costs) - _costs[cost].Of(has).Value;
        return growth <= report.Free.Value - report.Reserve.Value ? growth : 0;
    }

    private bool Grows(LedgerClaim claim, int node) =>
        claim.Demand.Bound && ReportOf(claim, node)?.SizeOf(claim.Demand.Uid) is { } has && claim.Demand.Size > has;

    /// <summary>One class: what is known of it on each node, by the node's number.</summary>
    private sealed class ClassColumn
    {
        private ClassSlot[] _slots = [];
        private VolumeGroupReport?[] _reports = [];
        private int[] _accountsPlusOne = [];

        public ReadOnlySpan<ClassSlot> Slots => _slots;

        public ReadOnlySpan<VolumeGroupReport?> Reports => _reports;

        public ClassSlot SlotAt(int node) => node < _slots.Length ? _slots[node] : default;

        public VolumeGroupReport? ReportAt(int node) => node < _reports.Length ? _reports[node] : null;

        /// <summary>The number of the account, also where the class takes no new volume; -1 where it has none.</summary>
        public int AccountAt(int node) => node < _accountsPlusOne.Length ? _accountsPlusOne[node] - 1 : -1;

        public int CostAt(int node) => SlotAt(node).Cost;

        public void Set(int node, VolumeGroupReport? report, ClassSlot slot, int account)
        {
            if (node >= _slots.Length)
            {
                var length = Math.Max(node + 1, Math.Max(32, _slots.Length * 2));
                Array.Resize(ref _slots, length);
                Array.Resize(ref _reports, length);
                Array.Resize(ref _accountsPlusOne, length);
            }

            _slots[node] = slot;
            _reports[node] = report;
            _accountsPlusOne[node] = account + 1;
        }
    }
}
