using System.Diagnostics;
using LocalPv.Lvm.Devices;

namespace LocalPv.Lvm.Tests;

/// <summary>The files of this machine, while somebody changes them. /dev/shm is a folder below /dev that tests may write to.</summary>
public sealed class NodeFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory($"/dev/shm/localpv-links-{Guid.NewGuid():N}").FullName;
    private readonly NodeFiles _files = new();

    [Fact]
    public void Links_LeadToTheirDevices_AndOneThatLeadsNowhereHurtsNoOther()
    {
        Assert.Empty(_files.Links(_folder + "/none", 4));
        File.CreateSymbolicLink($"{_folder}/a", "/dev/null");
        File.CreateSymbolicLink($"{_folder}/b", $"{_folder}/a");
        File.CreateSymbolicLink($"{_folder}/c", $"{_folder}/d");
        File.CreateSymbolicLink($"{_folder}/d", $"{_folder}/c");
        Directory.CreateDirectory($"{_folder}/azure/data/by-lun");
        File.CreateSymbolicLink($"{_folder}/azure/data/by-lun/0", "/dev/null");
        Assert.Equal([$"{_folder}/a", $"{_folder}/b"], Found(2));
        Assert.Equal([$"{_folder}/a", $"{_folder}/azure/data/by-lun/0", $"{_folder}/b"], Found(3));
        IEnumerable<string> Found(int depth) => _files.Links(_folder, depth).Select(link =>
        {
            Assert.Equal("/dev/null", link.Target);
            return link.Link.Value;
        }).Order(StringComparer.Ordinal);
    }

    // As udev does while lvm2 writes to disks.
    [Fact]
    public async Task Links_ThatVanishWhileTheyAreRead_AreLeftOut()
    {
        var links = Enumerable.Range(0, 40).Select(number => $"{_folder}/{number}").ToArray();
        using var stop = new CancellationTokenSource();
        var udev = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Array.ForEach(links, link => File.CreateSymbolicLink(link, "/dev/null"));
                Array.ForEach(links, File.Delete);
            }
        });
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(1))
        {
            Assert.All(_files.Links(_folder, 1), link => Assert.Equal("/dev/null", link.Target));
        }

        await stop.CancelAsync();
        await udev;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
