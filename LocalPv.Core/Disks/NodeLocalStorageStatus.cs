using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Disks;

/// <summary>How a NodeLocalStorage is doing.</summary>
public enum StoragePhase
{
    /// <summary>Its volume group is not there yet. The default.</summary>
    Pending,

    /// <summary>Its volume group is there and complete.</summary>
    Ready,

    /// <summary>Its volume group is there, but a disk is missing or was refused.</summary>
    Degraded,

    /// <summary>It has no volume group that can be used.</summary>
    Failed,

    /// <summary>Its deletion was asked for.</summary>
    Terminating,
}

/// <summary>
/// What a node's agent saw of one class: the <c>status</c> of a NodeLocalStorage. Sizes are LVM's truth at one moment of the scan with
/// number <see cref="ScanSequence"/>. Reading is lenient: what is missing or malformed counts as not reported.
/// </summary>
public sealed record NodeLocalStorageStatus
{
    /// <summary>
    /// The largest number of a scan: what every reader of JSON keeps exactly. A node that scans every second needs 285 million years to get
    /// there, so that a larger one is nobody's report.
    /// </summary>
    public const long ScanSequenceMax = (1L << 53) - 1;

    /// <summary>How it is doing.</summary>
    public StoragePhase Phase { get; init; }

    /// <summary>The details, by type.</summary>
    public ImmutableArray<StorageCondition> Conditions { get; init; } = [];

    /// <summary>The generation of the spec that the report takes into account.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The number of the scan; only grows. 0 before the first one.</summary>
    public long ScanSequence { get; init; }

    /// <summary>When that scan was made; null before the first one. Kept to the second.</summary>
    public Instant? LastScanTime { get; init; }

    /// <summary>The volume group; null while there is none.</summary>
    public ReportedVolumeGroup? VolumeGroup { get; init; }

    /// <summary>The size of the volume group, as volumes of this class can use it (see <c>LayoutCapacity</c>).</summary>
    public Bytes Capacity { get; init; }

    /// <summary>How much of it a new volume could use.</summary>
    public Bytes Free { get; init; }

    /// <summary>The disks that the class chose, and those it would have chosen but for a reason, by path.</summary>
    public ImmutableArray<ReportedDisk> Disks { get; init; } = [];

    /// <summary>The volumes in the group that carry our tag and one claim, by claim.</summary>
    public ImmutableArray<ReportedVolume> Volumes { get; init; } = [];

    /// <summary>The machine that was the node then (<see cref="Kubernetes.Node.Machine"/>); empty where it was not known.</summary>
    public string Machine { get; init; } = "";

    /// <summary>
    /// What this report says of the disks of <paramref name="machine"/>: nothing where it was made on another one, which took its disks
    /// along.
    /// </summary>
    public NodeLocalStorageStatus On(string machine) => Machine.Length == 0 || machine.Length == 0 || Machine == machine
        ? this
        : this with { VolumeGroup = null, Disks = [], Volumes = [] };

    /// <summary>
    /// Reads a status; an empty one gives the default record, and so does one whose scan has an impossible number.
    /// </summary>
    public static NodeLocalStorageStatus Read(JsonMap status) => !IsReadable(status) ? new() : new()
    {
        Phase = Enum.TryParse<StoragePhase>(status.Text("phase"), out var phase) ? phase : StoragePhase.Pending,
        Conditions = [.. Maps(status, "conditions").Select(StorageCondition.Read)],
        ObservedGeneration = status.Number("observedGeneration") ?? 0,
        ScanSequence = status.Number("scanSequence") ?? 0,
        Machine = status.Text("machine") ?? "",
        LastScanTime = Instant.TryParseRfc3339(status.Text("lastScanTime"), out var at) ? at : null,
        VolumeGroup = status.Map("volumeGroup") is { } group ? ReportedVolumeGroup.Read(group) : null,
        Capacity = Amount(status, "capacity"),
        Free = Amount(status, "free"),
        Disks = [.. Maps(status, "disks").Select(ReportedDisk.Read).OfType<ReportedDisk>()],
        Volumes = [.. Maps(status, "volumes").Select(ReportedVolume.Read).OfType<ReportedVolume>()],
    };

    /// <summary>The status as the API server keeps it.</summary>
    public JsonMap ToTree() => JsonMap.Of(
        ("phase", Phase.ToString()),
        ("conditions", new JsonList([.. Conditions.Select(condition => (JsonTree)condition.ToTree())])),
        ("observedGeneration", ObservedGeneration),
        ("scanSequence", ScanSequence),
        ("lastScanTime", LastScanTime?.ToRfc3339()),
        ("machine", Machine.Length > 0 ? Machine : null),
        ("volumeGroup", VolumeGroup?.ToTree()),
        ("capacity", Quantity.Format(Capacity)),
        ("free", Quantity.Format(Free)),
        ("disks", new JsonList([.. Disks.Select(disk => (JsonTree)disk.ToTree())])),
        ("volumes", new JsonList([.. Volumes.Select(volume => (JsonTree)volume.ToTree())])));

    /// <summary>
    /// The free extents of each disk of the group; empty where the disks listed are not all of them: then their sum is not what the group
    /// has.
    /// </summary>
    internal ImmutableArray<long> FreeByDisk(ExtentSize extentSize)
    {
        ImmutableArray<long> disks =
            [.. Disks.Where(disk => disk.Free is not null).Select(disk => extentSize.WholeExtentsIn(disk.Free!.Value).Value)];
        return disks.Sum(disk => (decimal)disk) == extentSize.WholeExtentsIn(Free).Value ? disks : [];
    }

    /// <summary>Whether the number of its scan is one that a report can have; one without a number has none yet.</summary>
    internal static bool IsReadable(JsonMap status) => status.Number("scanSequence") is null or (>= 0 and <= ScanSequenceMax);

    internal static Bytes Amount(JsonMap map, string key) => Quantity.TryParse(map.Text(key), out var bytes, out _) ? bytes : Bytes.Zero;

    private static IEnumerable<JsonMap> Maps(JsonMap map, string key) => map.List(key)?.Maps() ?? [];
}
