namespace LocalPv.Hosting.Kubernetes;

/// <summary>Cuts a stream into lines, wherever its chunks end. The buffer grows as a line needs it, up to a bound.</summary>
/// <param name="stream">Read to its end; not disposed.</param>
/// <param name="lengthMax">The longest line in bytes.</param>
public sealed class LineReader(Stream stream, int lengthMax)
{
    private const int FirstSize = 16 * 1024;
    private byte[] _buffer = new byte[Math.Min(FirstSize, lengthMax + 1)];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>How a read ended.</summary>
    public enum Ending
    {
        /// <summary>A whole line was read.</summary>
        Line,

        /// <summary>The stream ended after a whole line.</summary>
        End,

        /// <summary>The stream ended inside a line.</summary>
        Cut,

        /// <summary>The line is longer than allowed.</summary>
        TooLong,
    }

    /// <summary>The line that was read last, without its end; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Reads the next line that is not empty into <see cref="Line"/>.</summary>
    public async ValueTask<Ending> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTakeLine())
            {
                if (Line.Length > 0)
                {
                    return Ending.Line;
                }

                continue;
            }

            if (_end - _start > lengthMax)
            {
                return Ending.TooLong;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _end == _start ? Ending.End : Ending.Cut;
            }

            _end += read;
        }
    }

    private bool TryTakeLine()
    {
        var found = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (found < 0)
        {
            _searched = _end;
            return false;
        }

        var stop = _searched + found;
        var length = stop - _start;
        Line = _buffer.AsMemory(_start, length > 0 && _buffer[stop - 1] == '\r' ? length - 1 : length);
        _start = stop + 1;
        _searched = _start;
        return true;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = _searched = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        var kept = _end - _start;
        var target = kept > _buffer.Length / 2 ? new byte[Math.Min((long)_buffer.Length * 2, lengthMax + 1L)] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        _buffer = target;
        _searched -= _start;
        _start = 0;
        _end = kept;
    }
}
