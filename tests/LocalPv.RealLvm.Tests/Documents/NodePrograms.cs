using System.Text.RegularExpressions;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>The commands of the documents that need a node: programs of lvm2, what wipes a disk, and our own look at disks.</summary>
internal static partial class NodePrograms
{
    /// <summary>Whether a command is one of them.</summary>
    internal static bool Has(string command) => Program().IsMatch(command);

    /// <summary>Whether a text is one of them, or of the others that look at disks or change them, and not only its name.</summary>
    internal static bool HasWithArguments(string text) => WithArguments().IsMatch(text);

    [GeneratedRegex("^((?!lvm )(pv|vg|lv)[a-z]+|blk[a-z]+|wipefs|fstrim|dmsetup|mkfs[a-z0-9.]*|modprobe|localpv (disks|doctor)) ")]
    private static partial Regex WithArguments();

    [GeneratedRegex("^((pv|vg|lv)[a-z]+|blkdiscard|localpv disks)( |$)")]
    private static partial Regex Program();
}
