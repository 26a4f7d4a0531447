using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Placement;

namespace LocalPv.Core.Tests.Capacity;

/// <summary>Names of nodes are found again, in whatever order lists come, and whatever their length.</summary>
public sealed class NodeTableProperties
{
    // Names that differ in one character, wherever it is, of all lengths around those at which they are compared differently.
    private static readonly Gen<string> Name =
        from length in Gen.Frequency((8, Gen.Choose(1, 40)), (1, Gen.Constant(253)))
        from at in Gen.Choose(0, length - 1)
        from other in Gen.Elements('b', 'c')
        select Dotted(new string('a', at) + other + new string('a', length - at - 1));

    // A label has at most 63 characters.
    private static string Dotted(string text) => string.Concat(text.Select((character, index) => index % 60 == 50 ? '.' : character));

    [Fact]
    public void FindAll_ListsInAnyOrderAgainAndAgain_GivesWhatFindGives() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        Arb.From(from known in Name.ListOf() from asked in Name.ListOf() select (known, asked)),
        names =>
        {
            var table = new NodeTable();
            var expected = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var name in names.known)
            {
                Assert.True(NodeName.TryParse(name, out var parsed), name);
                var number = table.FindOrAdd(parsed);
                Assert.Equal(expected.TryGetValue(name, out var before) ? before : expected.Count, number);
                expected[name] = number;
            }

            string[][] lists =
                [[.. names.known], [.. names.asked], [.. names.known.AsEnumerable().Reverse(), .. names.asked], [.. names.known]];
            foreach (var list in lists)
            {
                var numbers = FindAll(table, list);
                Assert.Equal(list.Select(name => expected.GetValueOrDefault(name, -1)), numbers);
                Assert.Equal(list.Select(name => table.Find(Encoding.UTF8.GetBytes(name))), numbers);
            }
        }));

    private static int[] FindAll(NodeTable table, IReadOnlyList<string> names)
    {
        var parts = new List<TextPart>();
        var text = new StringBuilder("[");
        foreach (var name in names)
        {
            text.Append('"');
            parts.Add(new TextPart(text.Length, name.Length));
            text.Append(name).Append("\",");
        }

        var numbers = new int[names.Count];
        table.FindAll(new NodeNames(Encoding.UTF8.GetBytes(text.ToString()), parts.ToArray()), numbers);
        return numbers;
    }
}
