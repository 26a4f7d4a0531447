using LocalPv.Core.Identity;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// A node's files as a text has them: a line for each, its path, a blank, and its text, with \n for the ends of its lines.
/// </summary>
internal sealed class PaperFiles : INodeFiles
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    private readonly List<DeviceLink> _links = [];

    internal PaperFiles(string text = "")
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            _files[blank < 0 ? line : line[..blank]] = blank < 0 ? "" : line[(blank + 1)..].Replace("\\n", "\n", StringComparison.Ordinal);
        }
    }

    /// <summary>A node with disks, partitions, an encrypted system, a CD, swap, and a file system over two disks.</summary>
    internal static PaperFiles Recorded => new(Recording.Read("node-files.txt"));

    /// <summary>What is in binary files, by path.</summary>
    internal Dictionary<string, byte[]> Binary { get; } = new(StringComparer.Ordinal);

    /// <summary>The loop devices that show a file.</summary>
    internal HashSet<string> LoopsOfFiles { get; } = [];

    internal string this[string path]
    {
        set => _files[path] = value;
    }

    /// <summary>Adds a disk of 1 GiB that tells its serial number.</summary>
    internal PaperFiles WithDisk(string name, string serial)
    {
        var at = $"/sys/class/block/{name}";
        _files[$"/sys/block/{name}/range"] = "16";
        _files[$"{at}/dev"] = $"8:{_files.Count}";
        _files[$"{at}/size"] = "2097152";
        _files[$"{at}/device/serial"] = serial;
        return this;
    }

    public string ReadText(string path) => _files.GetValueOrDefault(path, "").Trim();

    public IEnumerable<string> Names(string folder) => _files.Keys
        .Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
        .Select(path => path[(folder.Length + 1)..].Split('/')[0])
        .Distinct();

    public byte[]? ReadBytes(string path, long offset, int count) =>
        Binary.TryGetValue(path, out var bytes) ? [.. bytes.Skip((int)offset).Take(count)] : null;

    public bool ShowsFile(DevicePath loop) => LoopsOfFiles.Contains(loop.Value);

    public IEnumerable<DeviceLink> Links(string folder, int depth) => _links.Where(link =>
        link.Link.Value.StartsWith(folder + "/", StringComparison.Ordinal)
        && link.Link.Value[(folder.Length + 1)..].Count(character => character == '/') <= depth);

    /// <summary>Adds a link of udev's.</summary>
    internal PaperFiles WithLink(string link, string target)
    {
        _links.Add(new DeviceLink(DevicePath.Parse(link), target));
        return this;
    }
}
