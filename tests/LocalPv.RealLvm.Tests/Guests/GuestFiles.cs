using LocalPv.Core.Identity;
using LocalPv.Lvm.Devices;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>The files of a guest.</summary>
internal sealed class GuestFiles(Guest guest) : INodeFiles
{
    /// <inheritdoc/>
    public string ReadText(string path) => Ask("text", path).Trim();

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
