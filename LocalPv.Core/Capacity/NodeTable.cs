using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using LocalPv.Core.Identity;
using LocalPv.Core.Placement;

namespace LocalPv.Core.Capacity;

/// <summary>
/// Numbers the names of nodes from 0, so that what is known per node lies in arrays. Looked up by UTF-8 bytes, as requests carry them,
/// without making a string. A number is never taken back. Not safe for several threads.
/// </summary>
public sealed class NodeTable
{
    // Open addressing with linear probing over a power of two of places, at most half of them taken.
    private Place[] _places = new Place[64];

    // All names one after another, so that they lie close together; where each begins, and the end of the last.
    private byte[] _text = new byte[1024];
    private int[] _starts = new int[33];

    // For each name, moved by one so that the first place is for none: the name that last followed it in a list.
    private int[] _following = new int[33];
    private NodeName[] _names = new NodeName[32];

    /// <summary>How many names have a number.</summary>
    public int Count { get; private set; }

    /// <summary>The name with that number.</summary>
    public NodeName NameOf(int index) => _names[index];

    /// <summary>The number of the name with these UTF-8 bytes, or -1 where it has none.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        var mask = _places.Length - 1;
        for (var at = (int)(hash & (uint)mask); ; at = (at + 1) & mask)
        {
            ref readonly var place = ref _places[at];
            if (place.NumberPlusOne == 0)
            {
                return -1;
            }

            if (place.Hash == hash && utf8.SequenceEqual(Utf8Of(place.NumberPlusOne - 1)))
            {
                return place.NumberPlusOne - 1;
            }
        }
    }

    /// <summary>
    /// <see cref="Find(ReadOnlySpan{byte})"/> for each name of a list. Lists come in the same order again and again: the name that followed
    /// last time is tried first.
    /// </summary>
    public void FindAll(NodeNames names, Span<int> numbers)
    {
        numbers = numbers[..names.Count];
        var before = -1;
        for (var i = 0; i < numbers.Length; i++)
        {
            var utf8 = names[i];
            ref var guess = ref _following[before + 1];
            if (guess < Count && utf8.SequenceEqual(Utf8Of(guess)))
            {
                before = guess;
            }
            else
            {
                before = Find(utf8);
                if (before >= 0)
                {
                    guess = before;
                }
            }

            numbers[i] = before;
        }
    }

    /// <summary>The number of that name, or -1 where it has none.</summary>
    public int Find(NodeName name)
    {
        Span<byte> utf8 = stackalloc byte[256];
        return Find(utf8[..Encoding.UTF8.GetBytes(name.Value, utf8)]);
    }

    /// <summary>The number of that name, giving it the next one where it has none.</summary>
    public int FindOrAdd(NodeName name)
    {
        var known = Find(name);
        if (known >= 0)
        {
            return known;
        }

        if (Count == _names.Length)
        {
            Array.Resize(ref _names, Count * 2);
            Array.Resize(ref _starts, (Count * 2) + 1);
            Array.Resize(ref _following, (Count * 2) + 1);
        }

        var start = _starts[Count];
        var length = Encoding.UTF8.GetByteCount(name.Value);
        if (start + length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(start + length, _text.Length * 2));
        }

        Encoding.UTF8.GetBytes(name.Value, _text.AsSpan(start));
        _starts[Count + 1] = start + length;
        _names[Count] = name;
        Count++;
        if (Count * 2 > _places.Length)
        {
            _places = new Place[_places.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                Insert(i);
            }
        }
        else
        {
            Insert(Count - 1);
        }

        return Count - 1;
    }

    private ReadOnlySpan<byte> Utf8Of(int number) => _text.AsSpan(_starts[number].._starts[number + 1]);

    private void Insert(int number)
    {
        var hash = Hash(Utf8Of(number));
        var mask = _places.Length - 1;
        var at = (int)(hash & (uint)mask);
        while (_places[at].NumberPlusOne != 0)
        {
            at = (at + 1) & mask;
        }

        _places[at] = new Place(hash, number + 1);
    }

    // Multiply-and-rotate over eight bytes at a time: names differ in few characters, and a node name never comes from an attacker who
    // could not do worse than slow a look-up down.
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        unchecked
        {
            var hash = (ulong)utf8.Length * Odd;
            var at = 0;
            for (; at <= utf8.Length - 8; at += 8)
            {
                hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8[at..]), 29) * Odd;
            }

            // The last bytes, some of them for the second time; a short name byte by byte.
            var rest = 0UL;
            if (utf8.Length >= 8)
            {
                rest = BinaryPrimitives.ReadUInt64LittleEndian(utf8[^8..]);
            }
            else
            {
                foreach (var character in utf8)
                {
                    rest = (rest << 8) | character;
                }
            }

            hash = BitOperations.RotateLeft(hash ^ rest, 29) * Odd;
            return (uint)(hash >> 32) ^ (uint)hash;
        }
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
    private readonly struct Place(uint hash, int numberPlusOne)
    {
        public readonly uint Hash = hash;
        public readonly int NumberPlusOne = numberPlusOne;
    }
}
