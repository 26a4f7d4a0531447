using System.Buffers;

namespace LocalPv.Hosting.Extender;

/// <summary>
/// An answer in the making, in one piece. The server's own writer takes a lock for each of the thousands of small pieces; this takes none.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = [];

    /// <summary>How many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Takes back the last bytes that were written.</summary>
    public void TakeBack(int bytes) => Length -= bytes;

    /// <summary>Starts over; memory beyond <paramref name="kept"/> bytes is given back.</summary>
    public void Clear(int kept)
    {
        Length = 0;
        if (_bytes.Length > kept)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Reserve(int size)
    {
        var needed = Length + Math.Max(size, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(4096, _bytes.Length < (1 << 30) ? 2 * _bytes.Length : needed)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
