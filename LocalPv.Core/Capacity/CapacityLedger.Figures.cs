using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <content>Figures.</content>
public sealed partial class CapacityLedger
{
    /// <summary>What is promised and offered of each group; groups of thin pools, whose promises are not extents of the group, are not
    /// among them.</summary>
    public IReadOnlyList<PromiseFigures> Promises()
    {
        var figures = new List<PromiseFigures>();
        for (var number = 0; number < _accounts.Count; number++)
        {
            if (_accounts[number] is { Thin: false } account)
            {
                var at = number;
                var promised = account.Reports.Max(report => Hidden(at, report, []));
                var size = account.Reports[0].ExtentSize;
                figures.Add(new PromiseFigures(
                    Nodes.NameOf(account.Node),
                    account.Group,
                    BytesOf(size, promised),
                    BytesOf(size, account.Offered)));
            }
        }

        return figures;
    }

    // Claims may ask for more than there is in the world; a figure does not overflow for that.
    private static Bytes BytesOf(ExtentSize size, long extents) =>
        extents > long.MaxValue / size.Size.Value ? Bytes.MaxValue : size.SizeOf(new ExtentCount(extents));
}
