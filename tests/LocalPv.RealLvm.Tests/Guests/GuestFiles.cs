using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Lvm.Commands;
using LocalPv.Lvm.Devices;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>The files of a guest.</summary>
internal sealed class GuestFiles(Guest guest) : INodeFiles
{
    private static readonly TimeSpan ReadTimeLimit = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public string ReadText(string path) => Ask("text", path).Trim();

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

    private string Ask(string verb, string about) =>
        guest.Line.AskAsync(verb, about, CancellationToken.None).GetAwaiter().GetResult();
}
