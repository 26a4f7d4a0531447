using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    // All names one after another, so that they lie close together.
    private byte[] _text = new byte[1024];

    // By number plus one; the first stands for none, before the first name of a list.
    private Entry[] _entries = new Entry[33];
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
        ref var before = ref _entries[0];
        for (var i = 0; i < numbers.Length; i++)
        {
            var utf8 = names[i];
            var number = before.Following;
            if (number >= Count || !IsNamed(number, utf8))
            {
                number = Find(utf8);
                if (number >= 0)
                {
                    before.Following = number;
                }
            }

            numbers[i] = number;
            before = ref _entries[number + 1];
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
            Array.Resize(ref _entries, (Count * 2) + 1);
        }

        var start = _entries[Count].Start + _entries[Count].Length;
        var length = Encoding.UTF8.GetByteCount(name.Value);
        if (start + length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(start + length, _text.Length * 2));
        }

        Encoding.UTF8.GetBytes(name.Value, _text.AsSpan(start));
        _entries[Count + 1] = new Entry { Start = start, Length = length };
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

    private ReadOnlySpan<byte> Utf8Of(int number) => _text.AsSpan(_entries[number + 1].Start, _entries[number + 1].Length);

    // Whether a number's name is this one. Names of nodes are so short that to call the runtime's comparison costs more than to compare
    // here: sixteen bytes at a time, the last of them for the second time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsNamed(int number, ReadOnlySpan<byte> utf8)
    {
        ref readonly var entry = ref _entries[number + 1];
        if (entry.Length != utf8.Length)
        {
            return false;
        }

        var known = _text.AsSpan(entry.Start, entry.Length);
        if (known.Length < Vector128<byte>.Count)
        {
            return utf8.SequenceEqual(known);
        }

        ref var a = ref MemoryMarshal.GetReference(utf8);
        ref var b = ref MemoryMarshal.GetReference(known);
        var last = (nuint)(known.Length - Vector128<byte>.Count);
        for (nuint at = 0; at < last; at += (nuint)Vector128<byte>.Count)
        {
            if (Vector128.LoadUnsafe(ref a, at) != Vector128.LoadUnsafe(ref b, at))
            {
                return false;
            }
        }

        return Vector128.LoadUnsafe(ref a, last) == Vector128.LoadUnsafe(ref b, last);
    }

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

    // Where a name lies in the text, and the number of the name that last followed it in a list.
    private struct Entry
    {
        public int Start;
        public int Length;
        public int Following;
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
    private readonly struct Place(uint hash, int numberPlusOne)
    {
        public readonly uint Hash = hash;
        public readonly int NumberPlusOne = numberPlusOne;
    }
}
