using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Rest;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>A way to a fresh server, by which the recorded requests are sent again.</summary>
public interface IRecordedDoor
{
    /// <summary>
    /// Sends a request. Where a watch answers, <paramref name="whileWatching"/> is done while it is open, and the answer has all of its
    /// events, to its end.
    /// </summary>
    Task<RecordedAnswer> SendAsync(RestRequest request, Func<Task> whileWatching);

    /// <summary>Makes the server forget its history, as a compaction of etcd does.</summary>
    void Compact();
}

/// <summary>What the server answered.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Headers">The headers that are compared, the content's type among them.</param>
/// <param name="Text">The body; empty for a watch.</param>
/// <param name="Events">The events of a watch; empty for everything else.</param>
public sealed record RecordedAnswer(
    int Code, IReadOnlyList<KeyValuePair<string, string>> Headers, string Text, IReadOnlyList<JsonTree> Events);
