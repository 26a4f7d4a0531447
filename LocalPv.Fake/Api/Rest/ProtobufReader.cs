using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LocalPv.Fake.Api.Rest;

/// <summary>Reads the fields of one Protocol Buffers message in order. A malformed message is a <see cref="FormatException"/>.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a number field, 0 for others.</summary>
    public ulong Number { get; private set; }

    /// <summary>The content of a text, bytes or message field, empty for others.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The content as a text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Goes to the next field, if there is one.</summary>
    public bool TryRead()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadNumber();
        Field = (int)(tag >> 3);
        Number = 0;
        Content = default;
        switch (tag & 7)
        {
            case 0:
                Number = ReadNumber();
                break;
            case 2:
                Content = Take(ReadNumber());
                break;
            default:
                Malformed($"wire type {tag & 7}");
                break;
        }

        return true;
    }

    [DoesNotReturn]
    private static void Malformed(string what) => throw new FormatException($"A Protocol Buffers message with {what} cannot be read.");

    private ulong ReadNumber()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Malformed("a number that is too long");
        return 0;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            Malformed("a field that is cut off");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
