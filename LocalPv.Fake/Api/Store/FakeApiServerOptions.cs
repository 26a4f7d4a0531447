using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>How a <see cref="FakeApiServer"/> is set up. The defaults are those of a real one.</summary>
public sealed record FakeApiServerOptions
{
    /// <summary>The seed of uids, generated names and watch deadlines: the same seed and the same calls give the same answers.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>When the server was started: the time on what it made by itself.</summary>
    public Instant StartedAt { get; init; }

    /// <summary>Namespaces that exist from the start.</summary>
    public ImmutableArray<string> Namespaces { get; init; } = ["default", "kube-node-lease", "kube-public", "kube-system"];

    /// <summary>How long history is kept; older revisions are Expired (etcd compaction: 5 minutes).</summary>
    public TimeSpan HistoryWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The most changes of one kind that are kept, whatever their age (the watch cache's largest ring). A simulator that writes much within
    /// the window does better with a few thousand: what is kept for long costs the garbage collector more than the writes themselves.
    /// </summary>
    public int HistoryEntriesMax { get; init; } = 102_400;

    /// <summary>How often a quiet watch is told the version it has reached.</summary>
    public TimeSpan BookmarkPeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The shortest life of a watch that names none; the longest is twice that.</summary>
    public TimeSpan WatchLifeMin { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The first revision that is used; a real cluster is never at 1 when its first user comes.</summary>
    public long FirstRevision { get; init; } = 1;
}
