namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// The bearer token of a connection. A token file is read again after <see cref="ReadAgainAfter"/>, since the kubelet rewrites it before
/// the token runs out, and at once after the server has refused the one we had. Safe for any thread.
/// </summary>
public sealed class TokenSource(LiveConnection live, TimeProvider time)
{
    private readonly Lock _gate = new();
    private string? _token;
    private long _readAt;
    private bool _stale = true;

    /// <summary>How long a token that was read from a file is used: 10 s, as a read costs nothing beside a request.</summary>
    public static TimeSpan ReadAgainAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The token to send; null for none. An unreadable file, or one with what cannot be a token (nothing, say), leaves the last one in use.
    /// </summary>
    public string? Current()
    {
        var connection = live.Current();
        if (connection.TokenFile is not { } file)
        {
            return connection.Token;
        }

        lock (_gate)
        {
            if (_stale || time.GetElapsedTime(_readAt) >= ReadAgainAfter)
            {
                _readAt = time.GetTimestamp();
                try
                {
                    var text = File.ReadAllText(file).Trim();
                    _stale = !IsSendable(text);
                    _token = _stale ? _token : text;
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // The kubelet swaps the file while we read, or it comes back later: the last token may still be good.
                    _stale = true;
                }
            }

            return _token;
        }
    }

    /// <summary>Whether a token can stand in a header.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(character => character is > ' ' and <= '~');

    /// <summary>The server has refused the token: read it again before the next request.</summary>
    public void Refused()
    {
        lock (_gate)
        {
            _stale = true;
        }
    }
}
