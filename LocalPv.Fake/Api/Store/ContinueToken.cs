using System.Text.Json;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// Where a list goes on: the revision it shows (-1: whatever is current) and the last key that was told. As text it is what a real server
/// gives: base64url of <c>{"v":"meta.k8s.io/v1","rv":277,"start":"rec/rec-a\u0000"}</c>.
/// </summary>
internal readonly record struct ContinueToken(long Revision, ObjectKey After)
{
    public string ToText()
    {
        var key = After.Namespace.Length == 0 ? After.Name : After.Namespace + "/" + After.Name;
        var tree = JsonMap.Of(("v", "meta.k8s.io/v1"), ("rv", Revision), ("start", key + "\0"));
        return Convert.ToBase64String(tree.ToUtf8()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    public static bool TryRead(string text, out ContinueToken token)
    {
        token = default;
        var padded = text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (text.Length % 4)) % 4);
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            return false;
        }

        JsonMap? tree;
        try
        {
            tree = JsonTree.Parse(bytes.AsSpan(0, length)) as JsonMap;
        }
        catch (JsonException)
        {
            return false;
        }

        if (tree?.Text("v") != "meta.k8s.io/v1" || tree.Number("rv") is not { } revision || tree.Text("start") is not { } start)
        {
            return false;
        }

        var key = start.TrimStart('/').TrimEnd('\0');
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        token = new ContinueToken(revision, slash < 0 ? ObjectKey.ClusterScoped(key) : new ObjectKey(key[..slash], key[(slash + 1)..]));
        return true;
    }
}
