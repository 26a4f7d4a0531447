using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>What the node's file system tells of its devices.</summary>
internal interface INodeFiles
{
    /// <summary>The text of a file without the blanks around it; empty where there is none or it may not be read.</summary>
    string ReadText(string path);

    /// <summary>The names of all that is in a folder, in any order; none where there is no such folder.</summary>
    IEnumerable<string> Names(string folder);

    /// <summary>
    /// So many bytes of a file or device from an offset on; fewer at its end, null where it cannot be read, as everywhere that only
    /// commands reach.
    /// </summary>
    byte[]? ReadBytes(string path, long offset, int count) => null;

    /// <summary>Whether a loop device shows a file; no where it shows another block device, and where that cannot be told.</summary>
    bool ShowsFile(DevicePath loop) => false;

    /// <summary>
    /// The links in a folder, and in those below it to a depth, with the devices they lead to; none where there is no such folder.
    /// </summary>
    IEnumerable<DeviceLink> Links(string folder, int depth);
}

/// <summary>A name of a device that udev made, and the device's own path.</summary>
internal readonly record struct DeviceLink(DevicePath Link, string Target);
