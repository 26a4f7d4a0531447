using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// What happened in a run, one line an event, and the SHA-256 of all lines. Two runs with the same hash went through the same events in
/// the same order. Lines are built straight into a buffer that is hashed when full, and copied to a stream if one wants to read them.
/// </summary>
public sealed class Trace : IDisposable
{
    private const int BufferSize = 1 << 16;
    private const int LineSizeMax = 1 << 12;
    private const int RememberedMax = 64;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly (KubernetesObject? Of, byte[] Text)[] _remembered = new (KubernetesObject?, byte[])[RememberedMax];
    private readonly Stream? _copy;
    private int _used;
    private int _lineEnd;

    /// <summary>A trace that is only hashed, or also written to <paramref name="copy"/>, which stays open.</summary>
    public Trace(Stream? copy = null) => _copy = copy;

    /// <summary>How many lines were written.</summary>
    public long Lines { get; private set; }

    /// <summary>Begins a line: the virtual time since the start in microseconds, and who it is about.</summary>
    public void Begin(Instant now, Instant start, string actor)
    {
        if (_used > BufferSize - LineSizeMax)
        {
            Flush();
        }

        _lineEnd = _used + LineSizeMax - 1;
        Number((now - start).Ticks / TimeSpan.TicksPerMicrosecond);
        Add(' ');
        Add(actor);
    }

    /// <summary>Adds one ASCII character to the line.</summary>
    public void Add(char character)
    {
        if (_used < _lineEnd)
        {
            _buffer[_used++] = (byte)character;
        }
    }

    /// <summary>Adds text to the line, as UTF-8 without control characters; what is over the longest line is left out.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        // Nearly all of it is short and plain.
        if (text.Length <= _lineEnd - _used - 4 && !text.ContainsAnyInRange('\0', '\x1f')
            && Ascii.FromUtf16(text, _buffer.AsSpan(_used), out var plain) == OperationStatus.Done)
        {
            _used += plain;
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            // What is not ASCII is taken rune by rune.
            if (text[i] >= '\x80')
            {
                AddRunes(text[i..]);
                return;
            }

            if (_used + 4 > _lineEnd)
            {
                return;
            }

            _buffer[_used++] = text[i] < ' ' ? (byte)' ' : (byte)text[i];
        }
    }

    private void AddRunes(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (_used + 4 > _lineEnd)
            {
                return;
            }

            if (rune.IsAscii)
            {
                _buffer[_used++] = rune.Value < ' ' ? (byte)' ' : (byte)rune.Value;
            }
            else
            {
                _used += rune.EncodeToUtf8(_buffer.AsSpan(_used));
            }
        }
    }

    /// <summary>Adds a space and a word.</summary>
    public void Word(ReadOnlySpan<char> word)
    {
        Add(' ');
        Add(word);
    }

    /// <summary>Adds a number.</summary>
    public void Number(long number)
    {
        if (Utf8Formatter.TryFormat(number, _buffer.AsSpan(_used, Math.Max(0, _lineEnd - _used)), out var written))
        {
            _used += written;
        }
    }

    /// <summary>Where in the buffer the next word goes.</summary>
    internal int Place => _used;

    /// <summary>Writes what was last written of this very instance; false where that is not known any more.</summary>
    internal bool TryRepeat(KubernetesObject about)
    {
        ref var known = ref _remembered[SlotOf(about)];
        if (!ReferenceEquals(known.Of, about) || known.Text.Length > _lineEnd - _used)
        {
            return false;
        }

        known.Text.CopyTo(_buffer, _used);
        _used += known.Text.Length;
        return true;
    }

    /// <summary>Remembers what was written of an object since <see cref="Place"/> was <paramref name="from"/>, in this line.</summary>
    internal void Remember(KubernetesObject about, int from)
    {
        // A line that is nearly full may lack a part of it.
        if (_used < _lineEnd - (LineSizeMax / 4))
        {
            _remembered[SlotOf(about)] = (about, _buffer.AsSpan(from, _used - from).ToArray());
        }
    }

    // Versions are numbers that count up: those of one moment differ in their last digits.
    private static int SlotOf(KubernetesObject about) => about.ResourceVersion is [.., var tens, var ones]
        ? ((tens * 10) + ones) % RememberedMax
        : 0;

    /// <summary>Ends the line.</summary>
    public void End()
    {
        _buffer[_used++] = (byte)'\n';
        Lines++;
    }

    /// <summary>The hash of everything up to now, in lower-case hexadecimal.</summary>
    public string Hash()
    {
        Flush();
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        _hash.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lines} lines");

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _used);
        _copy?.Write(_buffer, 0, _used);
        _used = 0;
    }
}
