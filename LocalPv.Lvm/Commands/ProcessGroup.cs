using System.Runtime.InteropServices;

namespace LocalPv.Lvm.Commands;

/// <summary>A command and all its children, by the number of the process that leads them.</summary>
internal static partial class ProcessGroup
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    /// <summary>Asks them all to end. None left: nothing happens.</summary>
    internal static void Terminate(int leader) => Send(leader, SignalTerminate);

    /// <summary>Kills them all. One that hangs in the kernel dies only when the kernel lets go of it. None left: nothing happens.</summary>
    internal static void Kill(int leader) => Send(leader, SignalKill);

    private static void Send(int leader, int signal)
    {
        // Of a command that has not yet become the leader of a group, there is only the one process.
        if (KillProcess(-leader, signal) != 0)
        {
            _ = KillProcess(leader, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int KillProcess(int process, int signal);
}
