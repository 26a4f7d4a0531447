using System.Collections.Immutable;
using System.Security.Cryptography;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// A connection whose certificates are replaced under us: the files it was read from are looked at every <see cref="LookAgainAfter"/>, and
/// at once after the server was doubted. What cannot be read, or is half written, leaves the last good state in use. Safe for any thread.
/// The server's address is that of the beginning.
/// </summary>
public sealed class LiveConnection
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private ClusterConnection _current;
    private byte[]? _content;
    private long _lookedAt;
    private bool _doubted;

    /// <summary>Begins with <paramref name="connection"/>, as it was just read.</summary>
    public LiveConnection(ClusterConnection connection, TimeProvider time)
    {
        _time = time;
        _current = connection;
        _content = ContentOf(connection.Files);
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>How long files are taken to be unchanged: 10 s, as a look costs nothing beside a request.</summary>
    public static TimeSpan LookAgainAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The connection as its files describe it now; the same instance while nothing has changed.</summary>
    public ClusterConnection Current()
    {
        lock (_gate)
        {
            if (_current.ReadAgain is { } readAgain && (_doubted || _time.GetElapsedTime(_lookedAt) >= LookAgainAfter))
            {
                _doubted = false;
                _lookedAt = _time.GetTimestamp();
                Look(readAgain);
            }

            return _current;
        }
    }

    /// <summary>The server did not accept us, or we did not accept the server: look at the files before the next request.</summary>
    public void Doubt()
    {
        lock (_gate)
        {
            _doubted = true;
        }
    }

    private void Look(Func<Core.Outcomes.Outcome<ClusterConnection>> readAgain)
    {
        var content = ContentOf(_current.Files);
        if (content is null || (_content is not null && content.AsSpan().SequenceEqual(_content)))
        {
            return;
        }

        // A certificate that is there before its key does not load: the next look finds both.
        if (readAgain().TryGetValue(out var again))
        {
            _current = again;
            _content = content;
        }
    }

    private static byte[]? ContentOf(ImmutableArray<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            try
            {
                hash.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }

            hash.AppendData([0]);
        }

        return hash.GetHashAndReset();
    }
}
