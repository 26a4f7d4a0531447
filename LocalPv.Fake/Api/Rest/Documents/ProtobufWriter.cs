using System.Text;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>Writes one Protocol Buffers message: fields with lengths, and truth values. Nothing else is needed here.</summary>
internal sealed class ProtobufWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>The message.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>A text; a null one is left out.</summary>
    public ProtobufWriter Text(int field, string? text)
    {
        if (text is not null)
        {
            Bytes(field, Encoding.UTF8.GetBytes(text));
        }

        return this;
    }

    /// <summary>A message in the message; a null one is left out.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter? inner)
    {
        if (inner is not null)
        {
            Bytes(field, inner.ToArray());
        }

        return this;
    }

    /// <summary>Several messages under one number.</summary>
    public ProtobufWriter Messages(int field, IEnumerable<ProtobufWriter> all)
    {
        foreach (var inner in all)
        {
            Message(field, inner);
        }

        return this;
    }

    /// <summary>Several texts under one number.</summary>
    public ProtobufWriter Texts(int field, IEnumerable<string> all)
    {
        foreach (var text in all)
        {
            Text(field, text);
        }

        return this;
    }

    /// <summary>A truth value; false, the default, is left out.</summary>
    public ProtobufWriter Truth(int field, bool value)
    {
        if (value)
        {
            Number((ulong)field << 3);
            Number(1);
        }

        return this;
    }

    private void Bytes(int field, byte[] content)
    {
        Number(((ulong)field << 3) | 2);
        Number((ulong)content.Length);
        _bytes.AddRange(content);
    }

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)((value & 0x7F) | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
