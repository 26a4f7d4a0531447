using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>The files of a guest.</summary>
internal sealed class GuestFiles(Guest guest) : INodeFiles
{
    private static readonly TimeSpan ReadTimeLimit = TimeSpan.FromMinutes(3);

    // What there is, and what is in it.
    private static readonly string[] Patterns =
    [
        "/sys/block/*", "/sys/block/*/*/partition", DeviceText.Folder + "/*/holders/*", "/sys/dev/block/*/slaves/*",
        "",
        .. DeviceText.Attributes.Select(attribute => $"{DeviceText.Folder}/*/{attribute}"),
        "/proc/self/mountinfo", "/proc/1/mountinfo", "/proc/swaps",
    ];

    // A disk may not answer, so that a process of its own has to ask.
    private const string ReadPart =
        """
        my ($from, $to, $at, $left) = @ARGV;
        open my $in, '<', $from or die $!;
        open my $out, '>', $to or die $!;
        sysseek $in, $at, 0;
        while ($left > 0) {
            my $count = sysread $in, my $bytes, $left < 1 << 20 ? $left : 1 << 20;
            defined $count or die $!;
            last if $count == 0;
            syswrite $out, $bytes;
            $left -= $count;
        }
        """;

    // As LoopStatus asks.
    private const string ShowsFilePart =
        """
        open my $loop, '<', $ARGV[0] or die $!;
        my $status = "\0" x 232;
        ioctl $loop, 0x4C05, $status or die $!;
        die 'a device' if unpack 'x16 Q', $status;
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
            ReadPart,
            [
                path, $"{Guest.ExchangeInside}/{name}", offset.ToString(CultureInfo.InvariantCulture),
                count.ToString(CultureInfo.InvariantCulture),
            ],
            ReadTimeLimit);
        var result = guest.RunPerlAsync(copy, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded ? File.ReadAllBytes(Path.Combine(guest.Exchange, name)) : null;
    }

    /// <inheritdoc/>
    public bool ShowsFile(DevicePath loop) => guest.RunPerlAsync(
        new Command(ShowsFilePart, [loop.Value], ReadTimeLimit), CancellationToken.None).GetAwaiter().GetResult().Succeeded;

    /// <inheritdoc/>
    public IEnumerable<DeviceLink> Links(string folder, int depth)
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
        // The first empty line comes after at least one path.
        var parts = guest.Line.LookAsync(guest.Exchange, Patterns, CancellationToken.None).GetAwaiter().GetResult().Split("\n\n", 2);
        if (parts.Length < 2)
        {
            return new Picture([], []);
        }

        var lines = parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 2));
        return new Picture(
            parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries),
            lines.GroupBy(line => line[0], line => line[1]).ToDictionary(file => file.Key, file => string.Join('\n', file)));
    }

    private sealed record Picture(string[] Paths, Dictionary<string, string> Texts);

    private string Ask(string verb, string about) =>
        guest.Line.AskAsync(verb, about, CancellationToken.None).GetAwaiter().GetResult();
}
