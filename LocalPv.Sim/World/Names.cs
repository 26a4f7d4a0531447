using System.Globalization;

namespace LocalPv.Sim.World;

/// <summary>How the things of a simulated cluster are called.</summary>
internal static class Names
{
    /// <summary>Node number <paramref name="number"/>, from 1.</summary>
    internal static string Node(int number) => "node-" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The stable path of a node's disk number <paramref name="disk"/>, from 1.</summary>
    internal static string DiskLink(string node, int disk) =>
        string.Create(CultureInfo.InvariantCulture, $"/dev/disk/by-id/{DiskId(node, disk)}");

    /// <summary>The stable identity of that disk.</summary>
    internal static string DiskId(string node, int disk) => string.Create(CultureInfo.InvariantCulture, $"sim-{node}-{disk}");

    /// <summary>The kernel's name of that disk.</summary>
    internal static string DiskPath(int disk) => "/dev/sd" + (char)('a' + disk);

    /// <summary>The process of the extender.</summary>
    internal const string Extender = "extender";

    /// <summary>Whether a process is one of LocalPv's own.</summary>
    internal static bool IsOurs(string process) =>
        process.StartsWith("agent/", StringComparison.Ordinal) || process.StartsWith(Extender, StringComparison.Ordinal)
        || process.StartsWith(Controller, StringComparison.Ordinal);

    /// <summary>The process of a node's agent.</summary>
    internal static string Agent(string node) => "agent/" + node;

    /// <summary>The process of a node's kubelet.</summary>
    internal static string Kubelet(string node) => "kubelet/" + node;

    /// <summary>The process of the cluster's agent.</summary>
    internal const string Controller = "controller";

    /// <summary>Replica number <paramref name="number"/> of a process; the first has the plain name.</summary>
    internal static string Replica(string process, int number) =>
        number == 1 ? process : string.Create(CultureInfo.InvariantCulture, $"{process}-{number}");

    /// <summary>The second instance of a process that should have one only.</summary>
    internal static string Twin(string process) => process + "+";
}
