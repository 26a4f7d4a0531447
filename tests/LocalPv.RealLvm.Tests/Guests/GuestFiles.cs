using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>The files of a guest.</summary>
internal sealed class GuestFiles(Guest guest) : INodeFiles
{
    private static readonly TimeSpan ReadTimeLimit = TimeSpan.FromMinutes(3);

    // Prints what there is, an empty line, and each line of each file behind the file's name.
    private static readonly string Look =
        $$"""
        shopt -s nullglob
        printf '%s\n' /sys/block/* /sys/block/*/*/partition {{DeviceText.Folder}}/*/holders/* /sys/dev/block/*/slaves/*
        echo
        grep -sH "" {{DeviceText.Folder}}/*/{{{string.Join(',', DeviceText.Attributes)}}} /proc/{self,1}/mountinfo /proc/swaps || true
        """;

    private volatile Picture? _picture;

    /// <inheritdoc/>
    public string ReadText(string path) => _picture is { } picture && (path.StartsWith("/sys/", StringComparison.Ordinal)
        || path.StartsWith("/proc/", StringComparison.Ordinal))
        ? picture.Texts.GetValueOrDefault(path, "").Trim()
        : Ask("text", path).Trim();

    /// <inheritdoc/>
    public IEnumerable<string> Names(string folder)
    {
        // Whoever asks for all devices begins anew; to ask the guest for each file of each device would take long.
        var picture = folder == "/sys/block" ? _picture = Take() : _picture ?? Take();
        return picture.Paths
            .Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(path => path[(folder.Length + 1)..].Split('/')[0])
            .Distinct();
    }

    /// <inheritdoc/>
    public byte[]? ReadBytes(string path, long offset, int count)
    {
        var name = Guid.NewGuid().ToString("N");
        var copy = new Command(
            "dd",
            [
                $"if={path}", $"of={Guest.ExchangeInside}/{name}", "bs=1M", "iflag=skip_bytes,count_bytes,fullblock", "status=none",
                string.Create(CultureInfo.InvariantCulture, $"skip={offset}"),
                string.Create(CultureInfo.InvariantCulture, $"count={count}"),
            ],
            ReadTimeLimit);
        var result = guest.RunAsync(copy, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded ? File.ReadAllBytes(Path.Combine(guest.Exchange, name)) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<DeviceLink> Links(string folder)
    {
        foreach (var pair in Ask("links", folder).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (DevicePath.TryParse(pair[..at], out var link))
            {
                yield return new DeviceLink(link, pair[(at + 1)..]);
            }
        }
    }

    private Picture Take()
    {
        var result = guest.RunAsync(new Command("bash", ["-c", Look], ReadTimeLimit), CancellationToken.None).GetAwaiter().GetResult();
        var parts = result.Succeeded ? result.Output.Split("\n\n", 2) : ["", ""];
        var lines = parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 2));
        return new Picture(
            parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries),
            lines.GroupBy(line => line[0], line => line[1]).ToDictionary(file => file.Key, file => string.Join('\n', file)));
    }

    private sealed record Picture(string[] Paths, Dictionary<string, string> Texts);

    private string Ask(string verb, string about) =>
        guest.Line.AskAsync(verb, about, CancellationToken.None).GetAwaiter().GetResult();
}
