using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Quantities;

/// <summary>Quantities against a model of fractions of whole numbers without bounds.</summary>
public sealed class QuantityProperties
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly (string Suffix, int Two, int Ten)[] Suffixes =
    [
        ("", 0, 0), ("Ki", 10, 0), ("Mi", 20, 0), ("Gi", 30, 0), ("Ti", 40, 0), ("Pi", 50, 0), ("Ei", 60, 0),
        ("n", 0, -9), ("u", 0, -6), ("m", 0, -3), ("k", 0, 3), ("M", 0, 6), ("G", 0, 9), ("T", 0, 12), ("P", 0, 15), ("E", 0, 18),
        ("e0", 0, 0), ("e3", 0, 3), ("E-2", 0, -2), ("e+1", 0, 1), ("E18", 0, 18), ("e-25", 0, -25), ("e25", 0, 25),
    ];

    private static Gen<string> Digits(int max) =>
        from length in Gen.Choose(0, max)
        from digits in Gen.Elements("0123456789".ToCharArray()).ArrayOf(length)
        select new string(digits);

    private static readonly Gen<Written> Quantities =
        from sign in Gen.Frequency((8, Gen.Constant("")), (1, Gen.Constant("+")), (1, Gen.Constant("-")))
        from whole in Digits(22)
        from fraction in Gen.OneOf(Digits(0), Digits(4), Digits(30), Digits(90))
        from point in Gen.Elements(true, false)
        from suffix in Gen.Elements(Suffixes)
        where whole.Length + fraction.Length > 0
        select new Written(sign, whole, point || fraction.Length > 0 ? "." + fraction : "", suffix.Suffix, suffix.Two, suffix.Ten);

    // Sizes in binary units whose decimal form is exact: there a wrong rounding shows.
    private static readonly Gen<Written> ExactFractions =
        from bytes in Longs.Any
        from suffix in Gen.Elements(Suffixes[..7])
        let scaled = (new BigInteger(bytes) * BigInteger.Pow(5, suffix.Two)).ToString(CultureInfo.InvariantCulture)
        let digits = scaled.PadLeft(suffix.Two + 1, '0')
        from more in Gen.Elements("", "0", "000000000000000000000000000001")
        select new Written("", digits[..^suffix.Two], "." + digits[^suffix.Two..] + more, suffix.Suffix, suffix.Two, suffix.Ten);

    [Fact]
    public void TryParse_OfAnyQuantity_IsTheModelRoundedUp() =>
        Check.One(Thorough, Prop.ForAll(Gen.OneOf(Quantities, ExactFractions).ToArbitrary(), written =>
        {
            var expected = written.Model();
            var parsed = Quantity.TryParse(written.Text, out var bytes, out _);
            return expected < 0 || expected > long.MaxValue ? !parsed : parsed && bytes.Value == expected;
        }));

    [Fact]
    public void Format_OfAnyAmount_IsReadBackAndHasNoShorterUnit() =>
        Check.One(Thorough, Prop.ForAll(Amounts.ToArbitrary(), bytes =>
        {
            var text = Quantity.Format(bytes);
            var unit = text.TrimStart("0123456789".ToCharArray());
            return Quantity.TryParse(text, out var again, out _) && again == bytes
                && (unit == "Ei" || bytes.Value % (1L << (10 * (Array.IndexOf(["", "Ki", "Mi", "Gi", "Ti", "Pi"], unit) + 1))) != 0
                    || bytes == Bytes.Zero);
        }));

    [Fact]
    public void TryParse_OfAnyText_NeverThrowsAndNamesWhatItRefuses() =>
        Check.One(Thorough, Prop.ForAll(Gen.Elements("0123456789.+-eEinumkKMGTP ".ToCharArray()).ArrayOf().ToArbitrary(), characters =>
        {
            var text = new string(characters);
            return Quantity.TryParse(text, out _, out var error)
                ? error.Length == 0
                : error.StartsWith($"'{text}' is ", StringComparison.Ordinal);
        }));

    private static Gen<Bytes> Amounts =>
        from value in Longs.Any
        from shift in Gen.Choose(0, 62)
        from back in Gen.Choose(0, 62)
        select new Bytes((value >> shift) << Math.Min(back, shift));

    public sealed record Written(string Sign, string Whole, string Fraction, string Suffix, int Two, int Ten)
    {
        public string Text => Sign + Whole + Fraction + Suffix;

        // The amount rounded up; -1 for less than nothing.
        public BigInteger Model()
        {
            var places = Math.Max(Fraction.Length - 1, 0);
            var digits = BigInteger.Parse("0" + Whole + Fraction.TrimStart('.'), CultureInfo.InvariantCulture);
            var numerator = digits * BigInteger.Pow(2, Two) * BigInteger.Pow(10, Math.Max(Ten, 0));
            var denominator = BigInteger.Pow(10, places + Math.Max(-Ten, 0));
            var up = (numerator + denominator - 1) / denominator;
            return Sign == "-" && !digits.IsZero ? -1 : up;
        }

        public override string ToString() => Text;
    }
}
