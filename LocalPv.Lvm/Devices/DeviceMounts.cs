using LocalPv.Core.Identity;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Where devices are mounted or used as swap, by the numbers of the devices, those below mapped devices too. Knows the mounts of this
/// process and, where its numbers are the machine's, of process 1. A mount that neither sees is still safe: lvm2 and wipefs open a disk
/// exclusively before they write, which the kernel refuses for one that is mounted anywhere.
/// </summary>
internal sealed class DeviceMounts
{
    private static readonly string[] Tables = ["/proc/self/mountinfo", "/proc/1/mountinfo"];

    private readonly INodeFiles _files;
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    private DeviceMounts(INodeFiles files) => _files = files;

    /// <summary>Reads what is mounted now.</summary>
    internal static DeviceMounts Read(INodeFiles files)
    {
        var mounts = new DeviceMounts(files);
        foreach (var line in Tables.SelectMany(table => LinesOf(files, table)).Distinct(StringComparer.Ordinal))
        {
            mounts.AddMount(line);
        }

        // The first line is a heading.
        foreach (var line in LinesOf(files, "/proc/swaps").Skip(1))
        {
            mounts.AddBelow(mounts.NumberAt(line.Split([' ', '\t'], 2)[0]), "[SWAP]");
        }

        return mounts;
    }

    /// <summary>Where the device of that number is in use; empty where it is not seen to be.</summary>
    internal string Of(string number) => _places.GetValueOrDefault(number, "");

    // proc_pid_mountinfo(5): id, parent, number, root, where, options, optional fields, "-", type, source, options.
    private void AddMount(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        if (fields.Length < 7 || dash < 0 || dash + 2 >= fields.Length)
        {
            return;
        }

        // A file system over several devices has a number of its own, and names one of them.
        var (number, source) = (fields[2], fields[dash + 2]);
        AddBelow(
            number.StartsWith("0:", StringComparison.Ordinal) && source.StartsWith("/dev/", StringComparison.Ordinal)
                ? NumberAt(source)
                : number,
            Unescaped(fields[4]));
    }

    // The device, and those it lies on.
    private void AddBelow(string number, string place)
    {
        if (IsNumber(number) && _places.TryAdd(number, place) && !number.StartsWith("0:", StringComparison.Ordinal))
        {
            foreach (var lower in _files.Names($"/sys/dev/block/{number}/slaves"))
            {
                AddBelow(DeviceText.Of(_files, lower, "dev"), place);
            }
        }
    }

    private string NumberAt(string path)
    {
        if (!DevicePath.TryParse(path, out _))
        {
            return "";
        }

        const string mapper = "/dev/mapper/";
        var name = path.StartsWith(mapper, StringComparison.Ordinal)
            ? _files.Names(DeviceText.Folder).FirstOrDefault(device => DeviceText.Of(_files, device, "dm/name") == path[mapper.Length..])
            : path["/dev/".Length..].Replace('/', '!');
        return name is null ? "" : DeviceText.Of(_files, name, "dev");
    }

    private static bool IsNumber(string text) =>
        text.Split(':') is [{ Length: > 0 } major, { Length: > 0 } minor] && (major + minor).All(char.IsAsciiDigit);

    private static string[] LinesOf(INodeFiles files, string path) =>
        files.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Unescaped(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
