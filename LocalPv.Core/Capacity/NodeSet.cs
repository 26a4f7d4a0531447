using System.Numerics;

namespace LocalPv.Core.Capacity;

/// <summary>A set of nodes by their numbers in a <see cref="NodeTable"/>: one bit each. Not safe for several threads.</summary>
public sealed class NodeSet
{
    private ulong[] _words = [];

    /// <summary>Whether it has no member.</summary>
    public bool IsEmpty => !_words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Whether that node is a member.</summary>
    public bool Contains(int node)
    {
        var word = node >>> 6;
        return word < _words.Length && ((_words[word] >>> (node & 63)) & 1) != 0;
    }

    /// <summary>Makes that node a member.</summary>
    public void Add(int node)
    {
        var word = node >>> 6;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        }

        _words[word] |= 1UL << (node & 63);
    }

    /// <summary>
    /// Removes every member, and answers with the bits of the nodes below <paramref name="nodes"/>, 64 a word, for one who adds thousands.
    /// They are the set's own until it grows.
    /// </summary>
    internal Span<ulong> ClearFor(int nodes)
    {
        var words = (nodes + 63) >>> 6;
        if (words > _words.Length)
        {
            _words = new ulong[Math.Max(words, _words.Length * 2)];
        }
        else
        {
            Clear();
        }

        return _words;
    }

    /// <summary>Makes that node no member.</summary>
    public void Remove(int node)
    {
        var word = node >>> 6;
        if (word < _words.Length)
        {
            _words[word] &= ~(1UL << (node & 63));
        }
    }

    /// <summary>Removes every member, keeping the memory.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>Makes every member of the other set a member.</summary>
    public void AddAll(NodeSet other)
    {
        if (other._words.Length > _words.Length)
        {
            Array.Resize(ref _words, other._words.Length);
        }

        for (var i = 0; i < other._words.Length; i++)
        {
            _words[i] |= other._words[i];
        }
    }

    /// <summary>Makes this the same set as the other.</summary>
    public void CopyFrom(NodeSet other)
    {
        Clear();
        AddAll(other);
    }

    /// <summary>The smallest member that is at least <paramref name="from"/>, or -1.</summary>
    public int Next(int from)
    {
        var word = from >>> 6;
        if (word >= _words.Length)
        {
            return -1;
        }

        var bits = _words[word] & (ulong.MaxValue << (from & 63));
        while (bits == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }

            bits = _words[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>The smallest node in exactly one of the two sets that is at least <paramref name="from"/>, or -1.</summary>
    public static int NextDifference(NodeSet a, NodeSet b, int from)
    {
        var words = Math.Max(a._words.Length, b._words.Length);
        var mask = ulong.MaxValue << (from & 63);
        for (var word = from >>> 6; word < words; word++)
        {
            var bits = (a.Word(word) ^ b.Word(word)) & mask;
            if (bits != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }

            mask = ulong.MaxValue;
        }

        return -1;
    }

    private ulong Word(int index) => index < _words.Length ? _words[index] : 0;
}
