using System.Text.RegularExpressions;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>The commands of the documents that need a node: programs of lvm2, what wipes a disk, and our own look at disks.</summary>
internal static partial class NodePrograms
{
    /// <summary>Whether a command is one of them.</summary>
    internal static bool Has(string command) => Program().IsMatch(command);

    [GeneratedRegex("^((pv|vg|lv)[a-z]+|blkdiscard|localpv disks)( |$)")]
    private static partial Regex Program();
}
