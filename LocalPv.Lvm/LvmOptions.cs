using System.Collections.Immutable;
using LocalPv.Core.Identity;

namespace LocalPv.Lvm;

/// <summary>Settings of the lvm2 backend.</summary>
public sealed record LvmOptions
{
    /// <summary>The lvm program; looked for in PATH where it has no slash. Default <c>lvm</c>.</summary>
    public string LvmProgram { get; init; } = "lvm";

    /// <summary>A directory with an lvm.conf of its own (<c>LVM_SYSTEM_DIR</c>); null for the system's.</summary>
    public string? SystemDirectory { get; init; }

    /// <summary>The only devices to look at; empty means all. Useful beside another program that owns the rest.</summary>
    public ImmutableArray<DevicePath> Devices { get; init; } = [];

    /// <summary>
    /// Whether volumes get devices. False only where the kernel has no device-mapper: then there is LVM's metadata and nothing else,
    /// nobody can write to a volume, and there is nothing to wipe. Default true.
    /// </summary>
    public bool Activation { get; init; } = true;

    /// <summary>
    /// Told of every command that has ended: what it was (such as <c>lvcreate</c>), how long it took, whether it succeeded. Any thread.
    /// </summary>
    public Action<string, TimeSpan, bool>? CommandEnded { get; init; }

    /// <summary>How long a command may take that only reads. Default 30 s: LVM's own time-outs for a bad disk are shorter.</summary>
    public TimeSpan ReadTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a command may take that changes metadata. Default 2 min.</summary>
    public TimeSpan ChangeTimeLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long wiping a volume may take. Default 6 h: 4 TiB at 200 MB/s.</summary>
    public TimeSpan WipeTimeLimit { get; init; } = TimeSpan.FromHours(6);
}
