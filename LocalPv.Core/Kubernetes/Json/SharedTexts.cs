using System.Buffers.Binary;
using System.Text;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// Short texts that were read lately, so that a text which thousands of objects have in common (a key, a class, a phase) is held once and
/// not once for each of them. Forgetful: a slot holds the last text that fell to it. Safe for any thread: texts never change, and who
/// finds a slot taken by another text makes one of its own. What is found never differs from what was asked for, so that nothing but
/// memory depends on it.
/// </summary>
internal static class SharedTexts
{
    /// <summary>The longest text that is shared, in bytes: the longest keys that Kubernetes itself uses are shorter.</summary>
    internal const int BytesMax = 64;

    private const int Slots = 4096;

    private static readonly JsonText?[] Known = new JsonText?[Slots];

    /// <summary>The text of <paramref name="ascii"/>; null where it is too long or not plain ASCII.</summary>
    internal static JsonText? Find(ReadOnlySpan<byte> ascii)
    {
        if (ascii.Length > BytesMax || !Ascii.IsValid(ascii))
        {
            return null;
        }

        ref var slot = ref Known[SlotOf(ascii)];
        var known = Volatile.Read(ref slot);
        if (known is not null && Ascii.Equals(ascii, known.Value))
        {
            return known;
        }

        var text = new JsonText(Encoding.ASCII.GetString(ascii));
        Volatile.Write(ref slot, text);
        return text;
    }

    // Eight bytes at a time: this is done for every text that is read.
    private static uint SlotOf(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length;
        unchecked
        {
            for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            {
                hash = Mixed(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            }

            foreach (var one in bytes)
            {
                hash = (hash << 8) ^ (hash >> 56) ^ one;
            }

            return (uint)(Mixed(hash) >> 32) % Slots;
        }
    }

    // Fibonacci hashing, and the high bits brought down, since the multiplication carries only upwards.
    private static ulong Mixed(ulong value)
    {
        value = unchecked(value * 0x9E3779B97F4A7C15);
        return value ^ (value >> 32);
    }
}
