using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Reads quantities of compute resources in thousandths, rounded up, so that <c>100m</c> of a CPU and <c>64Mi</c> of memory are whole
/// numbers of one scale. The server has validated them; what cannot be read counts as nothing.
/// </summary>
internal static class ResourceQuantity
{
    private static readonly (string Suffix, Int128 Numerator, Int128 Denominator)[] Suffixes =
    [
        ("Ki", (Int128)1 << 10, 1), ("Mi", (Int128)1 << 20, 1), ("Gi", (Int128)1 << 30, 1),
        ("Ti", (Int128)1 << 40, 1), ("Pi", (Int128)1 << 50, 1), ("Ei", (Int128)1 << 60, 1),
        ("n", 1, 1_000_000_000), ("u", 1, 1_000_000), ("m", 1, 1_000),
        ("k", 1_000, 1), ("M", 1_000_000, 1), ("G", 1_000_000_000, 1), ("T", 1_000_000_000_000, 1),
        ("P", 1_000_000_000_000_000, 1), ("E", 1_000_000_000_000_000_000, 1),
    ];

    /// <summary>The value in thousandths, at most <see cref="long.MaxValue"/>.</summary>
    public static long Thousandths(JsonTree? tree) => Scaled(tree, 1000);

    /// <summary>The value in whole units, rounded up, at most <see cref="long.MaxValue"/>.</summary>
    public static long Units(JsonTree? tree) => Scaled(tree, 1);

    private static long Scaled(JsonTree? tree, int scale)
    {
        var text = tree switch
        {
            JsonText quantity => quantity.Value,
            JsonNumber number => number.Text,
            _ => "",
        };
        Int128 numerator = scale;
        Int128 denominator = 1;
        foreach (var (suffix, up, down) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                numerator *= up;
                denominator = down;
                text = text[..^suffix.Length];
                break;
            }
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var mantissa) || mantissa <= 0)
        {
            return 0;
        }

        while (mantissa != decimal.Truncate(mantissa))
        {
            mantissa *= 10;
            denominator *= 10;
        }

        var value = ((((Int128)mantissa * numerator) - 1) / denominator) + 1;
        return value > long.MaxValue ? long.MaxValue : (long)value;
    }
}
