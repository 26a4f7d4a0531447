using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

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

    /// <summary>
    /// How long a report may take after one that hung, before it is made without waiting for locks. LVM's commands take less than a second
    /// where nothing is wrong.
    /// </summary>
    internal TimeSpan PatienceAfterHang { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long one device may take to show its signatures. Default 10 s: a disk that has to spin up first is quicker. One that takes
    /// longer is left out of everything until it answers.
    /// </summary>
    public TimeSpan ProbeTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Measures how long a device that does not answer is left alone. Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long a command may take that changes metadata. Default 2 min.</summary>
    public TimeSpan ChangeTimeLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long one request wipes at the most before it lets others of its group have their turn. Default 15 s: with a last command on a
    /// slow disk still within an agent's patience.
    /// </summary>
    public TimeSpan WipePart { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How much one command wipes at the most; less where that would take long. Default 256 MiB.</summary>
    public Bytes WipeStep { get; init; } = Bytes.FromMebibytes(256);

    /// <summary>
    /// Whether the programs are those of the machine, run by nsenter in the namespaces of its process 1, with its lvm.conf and its udev.
    /// Needs the host's process numbers (hostPID) and CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_SYS_CHROOT. Default false: the container's
    /// own programs, with the host's /dev and /run/lock/lvm, without udev.
    /// </summary>
    public bool InHost { get; init; }
}
