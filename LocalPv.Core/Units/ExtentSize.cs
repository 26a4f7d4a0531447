using System.Numerics;

namespace LocalPv.Core.Units;

/// <summary>
/// The size of one extent of a volume group: a power of two of at least one sector, or a multiple of 128 KiB (<c>vgcreate(8)</c>,
/// <c>--physicalextentsize</c>), and less than 2^32 sectors. The default value is LVM's default, 4 MiB.
/// </summary>
public readonly record struct ExtentSize
{
    private const long DefaultBytes = 4L << 20;
    private const long Sector = 512;
    private const long LargestBytes = uint.MaxValue * Sector;
    private const long MultipleOf = 128L << 10;
    private const long SmallestWished = 1L << 10;
    private const long LargestWished = 16L << 30;

    // Zero stands for the default, so that default(ExtentSize) is usable.
    private readonly long _bytes;

    private ExtentSize(long bytes) => _bytes = bytes == DefaultBytes ? 0 : bytes;

    /// <summary>LVM's default of 4 MiB; also the default value.</summary>
    public static ExtentSize Default => default;

    /// <summary>The size of one extent.</summary>
    public Bytes Size => new(_bytes == 0 ? DefaultBytes : _bytes);

    /// <summary>An extent size of that many bytes, or false where LVM would refuse it.</summary>
    public static bool TryFrom(Bytes bytes, out ExtentSize size)
    {
        var valid = bytes.Value is >= Sector and <= LargestBytes
            && (BitOperations.IsPow2(bytes.Value) || bytes.Value % MultipleOf == 0);
        size = valid ? new ExtentSize(bytes.Value) : default;
        return valid;
    }

    /// <summary>
    /// An extent size for a group that is yet to be made, or false where it is no power of two from 1 KiB to 16 GiB: groups that others
    /// made may have more sizes than we choose from.
    /// </summary>
    public static bool TryWish(Bytes bytes, out ExtentSize size)
    {
        size = default;
        return bytes.Value is >= SmallestWished and <= LargestWished && BitOperations.IsPow2(bytes.Value) && TryFrom(bytes, out size);
    }

    /// <summary>An extent size of that many bytes; throws <see cref="ArgumentOutOfRangeException"/> where LVM would refuse it.</summary>
    public static ExtentSize From(Bytes bytes) => TryFrom(bytes, out var size)
        ? size
        : throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "An extent is a power of two, or a multiple of 128Ki.");

    /// <summary>How many extents hold <paramref name="bytes"/>: rounded up. Zero bytes need no extent.</summary>
    public ExtentCount ExtentsToHold(Bytes bytes)
    {
        var whole = bytes.Value / Size.Value;
        return new(bytes.Value % Size.Value == 0 ? whole : whole + 1);
    }

    /// <summary>How many whole extents lie in <paramref name="bytes"/>: rounded down.</summary>
    public ExtentCount WholeExtentsIn(Bytes bytes) => new(bytes.Value / Size.Value);

    /// <summary>The bytes that <paramref name="extents"/> hold; throws <see cref="OverflowException"/> beyond 2^63-1.</summary>
    public Bytes SizeOf(ExtentCount extents) => new(checked(extents.Value * Size.Value));

    /// <inheritdoc/>
    public override string ToString() => Size.ToString();
}
