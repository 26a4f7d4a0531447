using System.Collections.Immutable;

namespace LocalPv.Sim.Faults;

/// <summary>To whom a fault happens.</summary>
public enum FaultScope
{
    /// <summary>A process, or <c>all</c>.</summary>
    Process,

    /// <summary>A node.</summary>
    Node,

    /// <summary>Everybody.</summary>
    Cluster,
}

/// <summary>Which settings a fault has.</summary>
[Flags]
public enum FaultSettings
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><see cref="Fault.By"/>.</summary>
    By = 1,

    /// <summary><see cref="Fault.Percent"/>.</summary>
    Percent = 2,

    /// <summary><see cref="Fault.Disk"/>.</summary>
    Disk = 4,

    /// <summary><see cref="Fault.For"/>.</summary>
    For = 8,

    /// <summary><see cref="Fault.Forever"/>.</summary>
    Forever = 16,
}

/// <summary>What is known about a type of fault.</summary>
/// <param name="Type">The type.</param>
/// <param name="Word">How plans call it.</param>
/// <param name="Code">
/// Which of the classes of faults it belongs to: A API and watches, P processes, X scheduler and extender, N nodes, L LVM.
/// </param>
/// <param name="Scope">To whom it happens.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Meaning">What it does, for a person.</param>
public sealed record FaultInfo(FaultType Type, string Word, string Code, FaultScope Scope, FaultSettings Settings, string Meaning);

/// <summary>All types of faults.</summary>
public static class FaultCatalog
{
    private const FaultSettings While = FaultSettings.For;
    private const FaultSettings Often = FaultSettings.For | FaultSettings.Percent;
    private const FaultSettings Moment = FaultSettings.Percent;
    private const FaultSettings Amount = FaultSettings.For | FaultSettings.By;
    private const FaultSettings OnDisk = FaultSettings.For | FaultSettings.Forever | FaultSettings.Disk;

    /// <summary>Every type, in the order of <see cref="FaultType"/>.</summary>
    public static ImmutableArray<FaultInfo> All { get; } =
    [
        Process(FaultType.WatchLag, "lag", "A1", Amount, "its watches are late by up to so much"),
        Process(FaultType.StaleServer, "stale", "A2", While, "it is connected to an API server whose view has stopped; lists show that"),
        Process(FaultType.Gap, "gap", "A3", While, "its watches are silent, then too old: only a new list shows what happened"),
        Process(FaultType.Duplicate, "duplicate", "A4", Often, "signals of its watches come twice"),
        Process(FaultType.Expire, "expire", "A5", FaultSettings.None, "its watches end as too old (410)"),
        Process(FaultType.CloseWatches, "close", "A6", FaultSettings.None, "its watches end"),
        Process(FaultType.HangWatches, "hang", "A6", While, "its watches say nothing more and do not end"),
        Process(FaultType.Conflict, "conflict", "A7", Often, "somebody else writes the object right before it does"),
        Process(FaultType.FailRequests, "fail", "A8", Often, "requests fail without effect; writes perhaps in doubt"),
        Process(FaultType.LoseAnswers, "lose", "A9", Often, "writes take effect but their answers are lost"),
        Process(FaultType.LateWrites, "late", "A9", Amount, "writes take effect up to so much later, though their senders have given up"),
        Process(FaultType.Throttle, "throttle", "A10", Often, "requests are turned away (429) with a time to wait"),
        Process(FaultType.SlowApi, "slow", "A10", Amount, "requests take so much longer"),
        Process(FaultType.CutOff, "cut", "A11", While, "nothing gets through to the API server or back"),
        Process(FaultType.Forbid, "forbid", "A12", Often, "writes are refused"),
        Process(FaultType.Invalid, "invalid", "A12", Often, "writes are rejected as invalid (422), as an admission webhook would"),
        Cluster(FaultType.Compact, "compact", "A5", FaultSettings.None, "the API server forgets its history"),
        Process(FaultType.Crash, "crash", "P1", While, "it ends without warning and is started again afterwards"),
        Process(FaultType.Pause, "pause", "P2", While, "it stands still; everything reaches it afterwards"),
        Process(FaultType.TwoLeaders, "two-leaders", "P3", While, "a second one of the same identity runs: the lease is held by both"),
        Process(FaultType.Twin, "twin", "P4", While, "a second instance runs beside it"),
        Process(FaultType.Skew, "skew", "P5", Amount, "its clock is ahead by so much"),
        Process(FaultType.Behind, "behind", "P5", Amount, "it starts anew with a clock that is so far behind, and again when that is set"),
        Process(FaultType.ClockRate, "rate", "P6", Often, "its clock runs at so many percent of the true rate"),
        Cluster(FaultType.ExtenderRefused, "extender-refused", "X1", Often, "connections to the extender are refused"),
        Cluster(FaultType.ExtenderSlow, "extender-slow", "X1", Amount, "the extender's answers take so much longer"),
        Cluster(FaultType.ExtenderError, "extender-error", "X1", Often, "the extender answers with status 500"),
        Cluster(FaultType.ExtenderGarbage, "extender-garbage", "X1", Often, "the extender's answers cannot be read"),
        Node(FaultType.Reboot, "reboot", "N1", While, "it restarts: volumes inactive, mounts gone, disks under other names"),
        Node(FaultType.LoseNode, "lose-node", "N2", While | FaultSettings.Forever, "it is gone, and its Node object soon after"),
        Node(FaultType.ReplaceNode, "replace-node", "N2", While, "another machine with blank disks comes under its name"),
        Node(FaultType.Cordon, "cordon", "N3", While | FaultSettings.Forever, "no new Pods may be placed there"),
        Node(FaultType.Taint, "taint", "N3", While, "it has a taint that no Pod tolerates"),
        Node(FaultType.Unlabel, "unlabel", "N3", While | FaultSettings.Forever, "it loses the label by which classes choose it"),
        Node(FaultType.SlowMounts, "slow-mounts", "N4", Amount, "its kubelet mounts and unmounts so much later"),
        Node(FaultType.LvmFail, "lvm-fail", "L1", Often, "LVM commands fail without effect"),
        Node(FaultType.LvmInDoubt, "lvm-in-doubt", "L2", Often, "LVM commands take effect, but end as if killed"),
        Node(FaultType.LvmLost, "lvm-lost", "L2", Often, "LVM commands are killed before they take effect"),
        Node(FaultType.LvmHalf, "lvm-half", "L3", Often, "LVM commands are killed half-way"),
        Node(FaultType.LvmDropped, "lvm-dropped", "L3", Often, "the disk drops the write of a new volume that LVM believes in"),
        Node(FaultType.LvmHang, "lvm-hang", "L4", While, "LVM commands never end"),
        Node(FaultType.LvmLate, "lvm-late", "L4", While, "LVM commands stand still, cannot be killed, and take effect when it is over"),
        Node(
            FaultType.LvmStuck,
            "lvm-stuck",
            "L4",
            While,
            "LVM commands stand still in the kernel; killed in vain they keep their locks, and end some way or other when it is over"),
        Node(FaultType.LvmSlow, "lvm-slow", "L5", Amount, "LVM commands take so much longer"),
        Node(FaultType.LvmGarbled, "lvm-garbled", "L6", Often, "reports of LVM cannot be read"),
        Node(FaultType.LvmPartial, "lvm-partial", "L6", Often, "reports of LVM leave out volume groups, as those that are locked"),
        Node(FaultType.LvmPrompt, "lvm-prompt", "L12", Often, "LVM stops at a question"),
        Node(FaultType.MetadataFull, "metadata-full", "L11", Often | FaultSettings.Forever, "there is no room for more metadata"),
        Node(FaultType.Foreign, "foreign", "L7", Often | FaultSettings.Forever, "somebody takes so many percent of the free space"),
        Node(FaultType.Deactivate, "deactivate", "L7", FaultSettings.None, "somebody deactivates volumes that are not in use"),
        Node(FaultType.RemoveByHand, "remove-by-hand", "L7", FaultSettings.None, "somebody removes a volume of ours that is not in use"),
        Node(FaultType.SameNameGroup, "same-name-group", "L8", While, "a disk with a volume group of the same name is plugged in"),
        Node(FaultType.CloneDisk, "clone-disk", "L8", While | FaultSettings.Disk, "a copy of a disk with its uuids is plugged in"),
        Node(FaultType.PullDisk, "pull-disk", "L8", OnDisk, "a disk is not there"),
        Node(FaultType.KillDisk, "kill-disk", "L9", OnDisk, "a disk cannot be read"),
        Node(FaultType.ReadOnlyDisk, "read-only-disk", "L9", OnDisk, "a disk refuses writes"),
        Node(FaultType.SwapDisks, "swap-disks", "L10", FaultSettings.None, "the kernel's names of its disks change places"),
        Node(FaultType.OldDisk, "old-disk", "L10", While, "a disk is plugged in that another cluster of LocalPv has left its volumes on"),
        Node(FaultType.MovedDisks, "moved-disks", "L10", While, "another machine with the disks of another node comes under its name"),
        Node(FaultType.OldData, "old-data", "L10", Moment, "so many percent of the free space carry data that somebody has left there"),
    ];

    private static readonly ImmutableSortedDictionary<string, FaultInfo> ByWord =
        All.ToImmutableSortedDictionary(info => info.Word, info => info, StringComparer.Ordinal);

    /// <summary>What is known about a type.</summary>
    public static FaultInfo Of(FaultType type) => All[(int)type];

    /// <summary>The type that plans call so, or null.</summary>
    public static FaultInfo? Find(string word) => ByWord.GetValueOrDefault(word);

    private static FaultInfo Process(FaultType type, string word, string code, FaultSettings settings, string meaning) =>
        new(type, word, code, FaultScope.Process, settings, meaning);

    private static FaultInfo Node(FaultType type, string word, string code, FaultSettings settings, string meaning) =>
        new(type, word, code, FaultScope.Node, settings, meaning);

    private static FaultInfo Cluster(FaultType type, string word, string code, FaultSettings settings, string meaning) =>
        new(type, word, code, FaultScope.Cluster, settings, meaning);
}
