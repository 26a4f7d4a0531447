using System.Security.Cryptography;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>
/// Watches over every revision that a server commits: its objects are shared by the store, its history and all who read them, so none may
/// ever change again.
/// </summary>
internal sealed class RevisionGuard
{
    private readonly List<(KubernetesObject Object, string Hash)> _seen = [];

    /// <summary>Begins to watch.</summary>
    public RevisionGuard(FakeApiServer server) => server.Committed += change => Note(change.Object);

    /// <summary>How many revisions have been seen.</summary>
    public int Count => _seen.Count;

    /// <summary>Remembers an object as it is now.</summary>
    public void Note(KubernetesObject item) => _seen.Add((item, HashOf(item)));

    /// <summary>The objects that are no longer what they were.</summary>
    public IEnumerable<string> Changed() => _seen.Where(one => HashOf(one.Object) != one.Hash)
        .Select(one => $"{one.Object.Type.Kind} {one.Object.Key} at {one.Object.ResourceVersion}");

    private static string HashOf(KubernetesObject item) => Convert.ToHexString(SHA256.HashData(item.Tree.ToUtf8()));
}
