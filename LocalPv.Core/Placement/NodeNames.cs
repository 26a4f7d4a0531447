namespace LocalPv.Core.Placement;

/// <summary>Where a name lies in a buffer.</summary>
/// <param name="Start">The place of its first byte.</param>
/// <param name="Length">How many bytes it has.</param>
public readonly record struct TextPart(int Start, int Length);

/// <summary>Names of nodes as UTF-8 in one buffer, as a request carries them.</summary>
/// <param name="text">The buffer.</param>
/// <param name="parts">Where each name lies in it.</param>
public readonly ref struct NodeNames(ReadOnlySpan<byte> text, ReadOnlySpan<TextPart> parts)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly ReadOnlySpan<TextPart> _parts = parts;

    /// <summary>How many names there are.</summary>
    public int Count => _parts.Length;

    /// <summary>One of the names.</summary>
    public ReadOnlySpan<byte> this[int index] => _text.Slice(_parts[index].Start, _parts[index].Length);
}
