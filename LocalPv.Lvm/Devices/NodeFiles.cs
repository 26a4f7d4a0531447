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
            return File.ReadAllText(path).Trim();
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
    public IEnumerable<DeviceLink> Links(string folder)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (DevicePath.TryParse(file, out var link))
            {
                yield return new DeviceLink(link, File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file);
            }
        }
    }
}
