using System.IO.Pipelines;
using System.Numerics;

namespace LocalPv.Hosting.Extender;

/// <summary>What has come of a request's body, in one piece. Its memory is used again by later bodies, and follows what is there.</summary>
internal sealed class RequestBody
{
    private const int SmallestBytes = 16 << 10;

    private byte[] _bytes;

    /// <summary>Nothing yet; memory is taken as it comes.</summary>
    public RequestBody()
        : this([])
    {
    }

    /// <summary>Nothing yet; it comes into this memory.</summary>
    public RequestBody(byte[] memory)
    {
        _bytes = memory;
    }

    /// <summary>How much has come.</summary>
    public int Length { get; private set; }

    /// <summary>Whether that is all.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What has come.</summary>
    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    /// <summary>A part of what has come.</summary>
    public ReadOnlyMemory<byte> Part(int start, int length) => _bytes.AsMemory(start, length);

    /// <summary>Forgets what has come.</summary>
    public void Clear()
    {
        Length = 0;
        IsWhole = false;
    }

    /// <summary>Takes over what has come of another body.</summary>
    public void CopyFrom(RequestBody other)
    {
        Reserve(other.Length);
        other.Text.CopyTo(_bytes);
        (Length, IsWhole) = (other.Length, other.IsWhole);
    }

    /// <summary>
    /// Reads until it <see cref="IsWhole"/>, or until what comes next would make it larger than <paramref name="most"/>: that stays with
    /// the server. <paramref name="scanner"/> looks at what has come while the rest is on its way.
    /// </summary>
    public async ValueTask ReadAsync(PipeReader reader, long most, BracketScanner? scanner, CancellationToken cancellationToken)
    {
        while (!IsWhole)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = read.Buffer;
            var length = Length + buffer.Length;
            if (length > most)
            {
                reader.AdvanceTo(buffer.Start);
                return;
            }

            Reserve((int)length);
            foreach (var piece in buffer)
            {
                piece.Span.CopyTo(_bytes.AsSpan(Length));
                Length += piece.Length;
            }

            IsWhole = read.IsCompleted;
            reader.AdvanceTo(buffer.End);
            scanner?.Advance(Text, IsWhole);
        }
    }

    private void Reserve(int length)
    {
        if (length > _bytes.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestBytes)));
            Text.CopyTo(larger);
            _bytes = larger;
        }
    }
}
