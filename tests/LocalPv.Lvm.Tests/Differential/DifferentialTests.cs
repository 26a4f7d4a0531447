using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>
/// Random sequences of requests to real lvm2, in the mode that needs no device-mapper, and to the fake: the outcomes are the same, and so
/// are the reports, extent for extent. Groups of one disk only: on several disks lvm2 grows a volume where it lies already, and fills
/// holes as they come, which the fake does not do yet. LOCALPV_DIFFERENTIAL_SEQUENCES asks for more sequences, for a long run.
/// </summary>
[Collection(nameof(LoopDevices))]
public sealed class DifferentialTests
{
    private const int UsualSequences = 200;

    private static int Sequences
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("LOCALPV_DIFFERENTIAL_SEQUENCES");
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : UsualSequences;
        }
    }

    // Two groups at a time, for two cores.
    [Fact]
    public async Task AnySequence_HasTheSameOutcomesAndReportsInBoth()
    {
        int[][] shapes = [[40], [23]];
        var each = (Sequences + shapes.Length - 1) / shapes.Length;
        await Task.WhenAll(shapes.Select(shape => Task.Run(() => Compare(shape, each))));
    }

    [Fact]
    public void AnySequence_BeforeADiskComes_HasTheSameOutcomesAndReportsInBoth() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(6), Prop.ForAll(StorageCommand.Sequences.ToArbitrary(), sequence =>
        {
            using var nodes = new TwoNodes([12, 9], spares: 1);
            Run(nodes, sequence);
            nodes.AddDisk(1);
            nodes.AddDisk(1);
            nodes.Compare();
        }));

    [Fact]
    public void AnySequence_AroundTheLossOfTheDisk_HasTheSameOutcomesAndReportsInBoth() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(6), Prop.ForAll(Pairs, pair =>
        {
            using var nodes = new TwoNodes([12]);
            Run(nodes, pair.Item1);
            nodes.LoseDisk(0);
            Run(nodes, pair.Item2);
        }));

    private static Arbitrary<(StorageCommand[], StorageCommand[])> Pairs =>
        StorageCommand.Sequences.Zip(StorageCommand.Sequences).Select(pair => (pair.Item1, pair.Item2)).ToArbitrary();

    private static void Compare(int[] extents, int sequences)
    {
        using var nodes = new TwoNodes(extents);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(sequences), Prop.ForAll(StorageCommand.Sequences.ToArbitrary(), sequence =>
        {
            nodes.Empty();
            Run(nodes, sequence);
        }));
    }

    private static void Run(TwoNodes nodes, StorageCommand[] sequence)
    {
        foreach (var command in sequence)
        {
            nodes.AskBoth(command.ToRequest());
        }

        nodes.Compare();
    }
}
