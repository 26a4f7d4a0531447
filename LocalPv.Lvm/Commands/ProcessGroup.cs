using System.Runtime.InteropServices;

namespace LocalPv.Lvm.Commands;

/// <summary>A command and all its children, by the number of the process that leads them.</summary>
internal static partial class ProcessGroup
{
    private const int SignalKill = 9;

    /// <summary>Kills them all. One that hangs in the kernel dies only when the kernel lets go of it. None left: nothing happens.</summary>
    internal static void Kill(int leader)
    {
        // Of a command that has not yet become the leader of a group, there is only the one process.
        if (KillProcess(-leader, SignalKill) != 0)
        {
            _ = KillProcess(leader, SignalKill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int KillProcess(int process, int signal);
}
