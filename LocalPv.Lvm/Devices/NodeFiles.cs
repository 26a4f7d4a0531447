using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>The files of this machine.</summary>
internal sealed class NodeFiles : INodeFiles
{
    /// <inheritdoc/>
    public string ReadText(string path)
    {
        try
        {
            // Many devices lack many files: to ask costs a fraction of an exception.
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))] : [];
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public byte[]? ReadBytes(string path, long offset, int count)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[count];
            var read = 0;
            while (read < count && RandomAccess.Read(file, bytes.AsSpan(read), offset + read) is > 0 and var more)
            {
                read += more;
            }

            return read == count ? bytes : bytes[..read];
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool ShowsFile(DevicePath loop)
    {
        try
        {
            // Reads nothing of what lies behind.
            using var device = File.OpenHandle(loop.Value, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return LoopStatus.ShowsFile(device);
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<DeviceLink> Links(string folder, int depth)
    {
        foreach (var path in Names(folder).Select(name => $"{folder}/{name}"))
        {
            if (TargetOf(path) is { } target)
            {
                if (DevicePath.TryParse(path, out var link))
                {
                    yield return new DeviceLink(link, target);
                }
            }
            else if (depth > 0)
            {
                foreach (var below in Links(path, depth - 1))
                {
                    yield return below;
                }
            }
        }
    }

    // udev takes links away and puts them back whenever somebody has written to a disk. Null for one that leads nowhere just now, and for
    // what is no link.
    private static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
