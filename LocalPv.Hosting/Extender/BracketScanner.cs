using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LocalPv.Hosting.Extender;

/// <summary>A bracket of a JSON text: where it is, and how many brackets are open outside it.</summary>
internal readonly record struct Bracket(int Offset, int Depth, bool Opens);

/// <summary>
/// Finds the outer brackets of a JSON text as it arrives, 64 bytes at a time: which bytes lie in strings follows from the quotes by a
/// prefix-xor, and where no bracket of interest can be, counting is enough. What lies deeper is never looked at. The way of simdjson
/// (Langdale and Lemire, "Parsing Gigabytes of JSON per Second").
/// </summary>
internal sealed class BracketScanner
{
    /// <summary>Brackets with so many open around them are not kept: <c>{ Nodes { items [ {</c>, so none inside a node.</summary>
    public const int DepthKept = 4;

    // Those around whole nodes, and what a Pod has in its outermost parts.
    private const int BracketsMax = (2 * ExtenderCall.NodesMax) + 4096;

    // Those of 16,000 nodes: who had more gives the memory back.
    private const int BracketsKept = 32 << 10;

    private const int BlockBytes = 64;

    private readonly List<Bracket> _brackets = new(256);
    private int _done;
    private int _depth;
    private ulong _inString;
    private ulong _escaped;

    /// <summary>The outer brackets found so far, in order.</summary>
    public ReadOnlySpan<Bracket> Brackets => CollectionsMarshal.AsSpan(_brackets);

    /// <summary>Whether everything that was opened was closed, and nothing more: strings too.</summary>
    public bool IsBalanced => _depth == 0 && _inString == 0;

    /// <summary>Starts over.</summary>
    public void Reset()
    {
        _brackets.Clear();
        _brackets.Capacity = _brackets.Capacity > BracketsKept ? 0 : _brackets.Capacity;
        _done = 0;
        _depth = 0;
        _inString = 0;
        _escaped = 0;
    }

    /// <summary>
    /// Goes on with a text that begins as before and has grown; <paramref name="last"/>: it will not grow any more. Throws
    /// <see cref="MalformedRequestException"/>, or <see cref="RequestTooLargeException"/> where there are too many.
    /// </summary>
    public void Advance(ReadOnlySpan<byte> text, bool last)
    {
        while (text.Length - _done >= BlockBytes)
        {
            Block(text.Slice(_done, BlockBytes));
        }

        if (last && _done < text.Length)
        {
            Span<byte> rest = stackalloc byte[BlockBytes];
            rest.Fill((byte)' ');
            text[_done..].CopyTo(rest);
            Block(rest);
        }
    }

    private void Block(ReadOnlySpan<byte> block)
    {
        var low = Vector256.Create(block);
        var high = Vector256.Create(block[Vector256<byte>.Count..]);
        var quotes = Mask(low, high, (byte)'"') & ~Escaped(Mask(low, high, (byte)'\\'));
        var inString = PrefixXor(quotes) ^ _inString;
        _inString = unchecked((ulong)((long)inString >> 63));

        // Square and curly brackets differ in one bit.
        var bit = Vector256.Create((byte)0x20);
        low |= bit;
        high |= bit;
        var opens = Mask(low, high, (byte)'{') & ~inString;
        var closes = Mask(low, high, (byte)'}') & ~inString;
        var closing = BitOperations.PopCount(closes);
        if (_depth - closing >= DepthKept)
        {
            _depth += BitOperations.PopCount(opens) - closing;
        }
        else
        {
            Keep(opens, closes);
            if (_brackets.Count > BracketsMax)
            {
                throw ExtenderCall.TooManyNodes();
            }
        }

        _done += BlockBytes;
    }

    private void Keep(ulong opens, ulong closes)
    {
        for (var all = opens | closes; all != 0; all &= unchecked(all - 1))
        {
            var at = BitOperations.TrailingZeroCount(all);
            var isOpen = ((opens >>> at) & 1) != 0;
            if (isOpen)
            {
                if (_depth < DepthKept)
                {
                    _brackets.Add(new Bracket(_done + at, _depth, true));
                }

                _depth++;
            }
            else
            {
                _depth--;
                if (_depth < 0)
                {
                    throw new MalformedRequestException($"There is a bracket too many at byte {_done + at}.");
                }

                if (_depth < DepthKept)
                {
                    _brackets.Add(new Bracket(_done + at, _depth, false));
                }
            }
        }
    }

    // The characters that an odd number of backslashes precedes.
    private ulong Escaped(ulong backslashes)
    {
        if (backslashes == 0)
        {
            var carried = _escaped;
            _escaped = 0;
            return carried;
        }

        const ulong Even = 0x5555555555555555;
        unchecked
        {
            backslashes &= ~_escaped;
            var following = (backslashes << 1) | _escaped;
            var oddStarts = backslashes & ~Even & ~following;
            var sum = oddStarts + backslashes;
            _escaped = sum < oddStarts ? 1UL : 0UL;
            return (Even ^ (sum << 1)) & following;
        }
    }

    // Each bit becomes the xor of itself and all lower ones: set from an opening quote to the byte before the closing one.
    private static ulong PrefixXor(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        bits ^= bits << 32;
        return bits;
    }

    private static ulong Mask(Vector256<byte> low, Vector256<byte> high, byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(low, wanted).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 32);
    }
}
