using System.Buffers;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// The bytes of an answer, in memory that is lent: a page of a list is a megabyte, and a start reads some fifty of them, which would
/// otherwise all lie about until the next full collection. Dispose it once what it says has been read.
/// </summary>
internal sealed class AnswerBody : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    // Few lists are read at once. The pool that all share keeps one buffer for each thread besides, which adds up to dozens of megabytes.
    private static readonly ArrayPool<byte> Buffers = ArrayPool<byte>.Create(maxArrayLength: 8 * 1024 * 1024, maxArraysPerBucket: 3);

    private byte[] _buffer;
    private int _length;

    private AnswerBody(int capacity) => _buffer = Buffers.Rent(capacity);

    /// <summary>The bytes; not to be used once this is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>
    /// Reads to the end. Throws as the content's stream does where that breaks, and <see cref="HttpRequestException"/> beyond
    /// <paramref name="bytesMax"/>.
    /// </summary>
    public static async Task<AnswerBody> ReadAsync(HttpContent content, long bytesMax, CancellationToken cancellationToken)
    {
        var length = content.Headers.ContentLength;
        Bound(length ?? 0, bytesMax);
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // One byte more than is announced, so that the end is seen without growing.
            var body = new AnswerBody(length is { } announced ? checked((int)announced + 1) : FirstBytes);
            try
            {
                while (await stream.ReadAsync(body.Free(), cancellationToken).ConfigureAwait(false) is var read and > 0)
                {
                    body._length += read;
                    Bound(body._length, bytesMax);
                }

                return body;
            }
            catch
            {
                body.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffers.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private static void Bound(long length, long bytesMax)
    {
        if (length > bytesMax)
        {
            throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, $"It is larger than {bytesMax} bytes.");
        }
    }

    private Memory<byte> Free()
    {
        if (_length == _buffer.Length)
        {
            var larger = Buffers.Rent(checked(2 * _buffer.Length));
            Bytes.CopyTo(larger);
            Buffers.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }
}
