using System.Collections.Immutable;
using LocalPv.Core.Units;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Contract;

/// <summary>
/// The guest that the benches of one test class use, one after another: booting one for each would cost more than the test.
/// </summary>
public sealed class BenchGuest : IAsyncLifetime
{
    /// <summary>How many disks a bench can have at most.</summary>
    internal const int DisksMax = 3;

    private static readonly Bytes DiskSize = Bytes.FromMebibytes(64);

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-bench-").FullName;
    private ImmutableArray<GuestDisk> _disks = [];
    private bool _taken;

    /// <summary>The guest that runs now.</summary>
    internal Guest Guest { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _disks = [.. Enumerable.Range(0, DisksMax).Select(number => GuestDisk.Create(_folder, $"bench-{number}", DiskSize))];
        Guest = await BootAsync();
    }

    /// <summary>Whether this is the first bench, so that the disks are blank.</summary>
    internal bool TakesFirst() => !Interlocked.Exchange(ref _taken, true);

    /// <summary>The node loses power and comes up again.</summary>
    internal async Task RebootAsync()
    {
        await Guest.DisposeAsync();
        Guest = await BootAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Guest.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<Guest> BootAsync() =>
        Guest.BootAsync(new GuestOptions
        {
            Disks = _disks,
            DiskKind = "loop",
            Modules = ["loop", "dm-mod", "raid1", "dm-raid", "dm-thin-pool"],
        });
}
