using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LocalPv.Lvm.Devices;

/// <summary>What the kernel says of a loop device that is asked directly: sysfs has the name of what it shows, not the kind.</summary>
internal static partial class LoopStatus
{
    // loop(4), include/uapi/linux/loop.h: struct loop_info64 has 232 bytes and begins with the device on which the file lies, the file's
    // number there, and the device that the file itself is.
    private const uint GetStatus64 = 0x4C05;
    private const int Length = 232;
    private const int OfDeviceItself = 16;

    /// <summary>Whether an open loop device shows a plain file; no where it shows a device, and where the kernel does not say.</summary>
    internal static bool ShowsFile(SafeFileHandle device)
    {
        var status = new byte[Length];
        return Control(device, GetStatus64, status) == 0 && BitConverter.ToUInt64(status, OfDeviceItself) == 0;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle device, nuint request, [In, Out] byte[] status);
}
