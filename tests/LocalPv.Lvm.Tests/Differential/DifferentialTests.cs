using System.Globalization;
using FsCheck;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>
/// Random sequences of requests to real lvm2, in the mode that needs no device-mapper, and to the fake: the outcomes are the same, and so
/// are the reports, extent for extent. LOCALPV_DIFFERENTIAL_SEQUENCES asks for more sequences, for a long run.
/// </summary>
public sealed class DifferentialTests
{
    private const int UsualSequences = 200;

    // Without devices LVM makes no others.
    private static readonly Layout[] Layouts =
        [Layout.Linear, Layout.Linear, new(LayoutType.Striped, Stripes: 2), new(LayoutType.Striped, Stripes: 3)];

    private static int Sequences
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("LOCALPV_DIFFERENTIAL_SEQUENCES");
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : UsualSequences;
        }
    }

    // Several nodes at a time: lvm2 waits for the kernel about as long as it computes. Each sequence begins with a group of some of the
    // disks, in some order; the others are spares.
    [Fact]
    public async Task AnySequence_HasTheSameOutcomesAndReportsInBoth()
    {
        var part = (Sequences + 3) / 4;
        var compared = await Task.WhenAll(
            Task.Run(() => Compare([10, 17, 6, 13], [[0, 1, 2, 3], [2, 0], [3, 1, 0]], part)),
            Task.Run(() => Compare([10, 17, 6, 13], [[1, 3, 2], [1], [3, 0, 2, 1]], part)),
            Task.Run(() => Compare([21, 9, 12], [[0, 1, 2], [2, 1]], part)),
            Task.Run(() => Compare([21, 9, 12], [[1, 0, 2], [0]], part)));

        // Sequences that only fail, or whose volumes never had to be put together from pieces, would show little.
        var (done, scattered) = (compared.Sum(nodes => nodes.Done), compared.Sum(nodes => nodes.Scattered));
        Assert.True(done > Sequences, $"Only {done} requests of {Sequences} sequences were done.");
        Assert.True(scattered > Sequences / 20, $"Only {scattered} volumes lay in several pieces.");
    }

    private static (int Done, int Scattered) Compare(int[] extents, int[][] groups, int sequences)
    {
        using var bench = new LoopBench(extents);
        var nodes = new TwoNodes(bench);
        StorageSequence.CompareMany(
            nodes, groups, StorageCommand.Sequences(Layouts), Config.QuickThrowOnFailure.WithMaxTest(sequences));

        return (nodes.Done, nodes.Scattered);
    }
}
