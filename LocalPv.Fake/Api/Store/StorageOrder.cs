using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// The order of keys in a real server's storage: that of the text <c>namespace/name</c>, so that <c>a-b/x</c> comes before <c>a/x</c>.
/// </summary>
internal sealed class StorageOrder : IComparer<ObjectKey>
{
    public static StorageOrder Instance { get; } = new();

    public int Compare(ObjectKey x, ObjectKey y)
    {
        if (x.Namespace == y.Namespace)
        {
            return string.CompareOrdinal(x.Name, y.Name);
        }

        var shared = Math.Min(x.Namespace.Length, y.Namespace.Length);
        for (var i = 0; i < shared; i++)
        {
            if (x.Namespace[i] != y.Namespace[i])
            {
                return x.Namespace[i] - y.Namespace[i];
            }
        }

        return x.Namespace.Length < y.Namespace.Length ? '/' - y.Namespace[shared] : x.Namespace[shared] - '/';
    }
}
