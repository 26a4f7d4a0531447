using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>What a guest is made of.</summary>
internal sealed record GuestOptions
{
    /// <summary>Image files that the guest has as disks, <c>/dev/ubda</c> onward, at most 16; they outlive it.</summary>
    public ImmutableArray<GuestDisk> Disks { get; init; } = [];

    /// <summary>
    /// Kernel modules to load, each with what it needs. Loading takes 0.1 to 0.3 s each, so a guest names those that its tests use.
    /// </summary>
    public ImmutableArray<string> Modules { get; init; } = ["dm-mod"];

    /// <summary>
    /// How the names below /dev begin of the disks that LVM looks at: <c>ubd</c> for the guest's disks, <c>loop</c> where loop devices
    /// stand before them. (Seeing both, LVM would complain of each volume group twice.)
    /// </summary>
    public string DiskKind { get; init; } = "ubd";

    /// <summary>The guest's memory. 256 MiB hold lvm2, mkfs.xfs, and the blocks of small disks.</summary>
    public Bytes Memory { get; init; } = Bytes.FromMebibytes(256);

    /// <summary>
    /// How long the guest may take until it answers. It takes half a second on an idle machine; CI runs everything at once on two cores.
    /// </summary>
    public TimeSpan BootTimeLimit { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A disk of a guest: a file on the host, and the serial number that the guest reads from the disk.</summary>
internal sealed record GuestDisk(string File, string Serial)
{
    /// <summary>A blank disk.</summary>
    public static GuestDisk Create(string folder, string serial, Bytes size)
    {
        var file = Path.Combine(folder, serial + ".img");
        using var image = System.IO.File.Create(file);
        image.SetLength(size.Value);
        return new GuestDisk(file, serial);
    }
}
