using System.Globalization;
using LocalPv.Contracts;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Tests.Differential;
using LocalPv.RealLvm.Tests.Contract;

namespace LocalPv.RealLvm.Tests.Differential;

/// <summary>
/// Random sequences of requests to lvm2 on a kernel with device-mapper, and to the fake: every layout, disks that are added and lost,
/// groups that fill up. Many more are tried without devices; LOCALPV_DEVICE_SEQUENCES asks for more of these, for a long run.
/// </summary>
public sealed class GuestDifferentialTests(BenchGuest guest) : IClassFixture<BenchGuest>
{
    private const int UsualSequences = 15;

    private static readonly Layout[] Layouts =
    [
        Layout.Linear, new(LayoutType.Striped, Stripes: 2), new(LayoutType.Raid1, Mirrors: 1), new(LayoutType.Thin),
    ];

    private static int Sequences => int.TryParse(
        Environment.GetEnvironmentVariable("LOCALPV_DEVICE_SEQUENCES"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
        ? asked
        : UsualSequences;

    [Fact]
    public async Task AnySequence_HasTheSameOutcomesAndReportsInBoth() => await Task.Run(() =>
    {
        var nodes = new TwoNodes(new GuestDisks(guest, [21, 9, 12]));
        StorageSequence.CompareMany(nodes, [[0, 1, 2], [2, 1], [0]], StorageCommand.Sequences(Layouts), Tries.Of(Sequences));
        Assert.True(nodes.Done >= Sequences, $"Only {nodes.Done} requests of {Sequences} sequences were done.");
    });
}
