using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Keeps news from becoming a flood, with the figures of client-go's event correlator (<c>k8s.io/client-go/tools/record</c>): many
/// different messages about one object for one reason are told as one, and each object gets a burst of writes and then one every few
/// minutes.
/// </summary>
public sealed class EventLimits
{
    /// <summary>How many messages an object gets for one reason within <see cref="Window"/> before they are combined.</summary>
    public const int SimilarMax = 10;

    /// <summary>How many writes an object gets before they are rationed.</summary>
    public const int Burst = 25;

    // Tens of thousands of volumes in trouble at once are combined all the same: what is forgotten only starts counting again.
    private const int RememberedMax = 10_000;

    private readonly SortedDictionary<string, Similar> _similar = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Ration> _rations = new(StringComparer.Ordinal);

    /// <summary>How long messages count as similar.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an object that has used up its burst waits for its next write.</summary>
    public static TimeSpan Refill { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether this message is one too many of its reason, and is to be told with the others.</summary>
    public bool IsCombined(Instant now, string uid, string reason, string message)
    {
        var key = uid + "\n" + reason;
        if (!_similar.TryGetValue(key, out var similar) || now - similar.Since > Window)
        {
            Forget(_similar, entry => now - entry.Since > Window);
            _similar[key] = similar = new Similar(now);
        }

        if (!similar.Messages.Contains(message) && similar.Messages.Count < SimilarMax)
        {
            similar.Messages.Add(message);
        }

        return !similar.Messages.Contains(message);
    }

    /// <summary>Takes one write from an object's ration; false where it has none left.</summary>
    public bool TryTake(Instant now, string uid)
    {
        if (!_rations.TryGetValue(uid, out var ration))
        {
            Forget(_rations, entry => entry.LeftAt(now) >= Burst);
            _rations.Add(uid, ration = new Ration(now));
        }

        return ration.TryTake(now);
    }

    private static void Forget<T>(SortedDictionary<string, T> remembered, Func<T, bool> isOver)
    {
        if (remembered.Count < RememberedMax)
        {
            return;
        }

        foreach (var key in remembered.Where(entry => isOver(entry.Value)).Select(entry => entry.Key).ToArray())
        {
            remembered.Remove(key);
        }

        if (remembered.Count >= RememberedMax)
        {
            remembered.Clear();
        }
    }

    private sealed class Similar(Instant since)
    {
        internal Instant Since { get; } = since;

        internal SortedSet<string> Messages { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Ration(Instant since)
    {
        private Instant _countedAt = since;
        private double _left = Burst;

        internal double LeftAt(Instant now) => Math.Min(Burst, _left + ((now - _countedAt) / Refill));

        internal bool TryTake(Instant now)
        {
            _left = LeftAt(now);
            _countedAt = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
