using FsCheck;
using FsCheck.Fluent;

namespace LocalPv.Lvm.Tests.Differential;

/// <summary>A group of some of the disks, in some order, and what is asked of it; the other disks are spares.</summary>
internal sealed record StorageSequence(int[] Members, StorageCommand[] Commands)
{
    private IEnumerable<StorageSequence> Shorter =>
        Commands.Select((_, index) => this with { Commands = [.. Commands.Where((_, other) => other != index)] });

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Members)}]: {string.Join("; ", Commands.AsEnumerable())}";

    /// <summary>Does random sequences on both nodes, and fails with the shortest that tells them apart.</summary>
    internal static void CompareMany(TwoNodes nodes, int[][] groups, Gen<StorageCommand[]> commands, Config tries)
    {
        var cases =
            from members in Gen.Elements(groups)
            from asked in commands
            select new StorageSequence(members, asked);
        var property = Prop.ForAll(Arb.From(cases, sequence => sequence.Shorter), sequence =>
        {
            nodes.Begin(sequence.Members);
            foreach (var command in sequence.Commands)
            {
                nodes.Do(command);
            }

            nodes.Compare();
        });
        Check.One(tries, property);
    }
}
