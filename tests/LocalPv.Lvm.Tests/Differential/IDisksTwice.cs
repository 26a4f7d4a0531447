using LocalPv.Core.Ports;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>Disks of real lvm2 that can be as they were before.</summary>
internal interface IDisksTwice
{
    /// <summary>The disks, in order.</summary>
    IReadOnlyList<DiskToUse> Disks { get; }

    /// <summary>Keeps what LVM has written on the disks under a name.</summary>
    void Keep(string name);

    /// <summary>Puts back what was kept under a name; no volume is active then.</summary>
    void Restore(string name);

    /// <summary>The storage of a node that has only these disks.</summary>
    LvmNodeStorage StorageOn(IEnumerable<DiskToUse> disks);

    /// <summary>Runs a command of LVM that sees only these disks; answers what it printed.</summary>
    string Lvm(IEnumerable<DiskToUse> disks, params string[] arguments);
}
