using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Objects as the scheduler assumes they will be, over what it has heard of them. An assumed object stands for the real one until a newer
/// version is heard of (<c>assume_cache.go</c>). Lost with the process.
/// </summary>
internal sealed class AssumeCache<T>(Reflector reflector)
    where T : KubernetesObject
{
    private readonly SortedDictionary<ObjectKey, T> _assumed = [];

    /// <summary>The object as assumed, else as heard of, else null.</summary>
    public T? Find(ObjectKey key) => _assumed.Count > 0 && _assumed.TryGetValue(key, out var assumed) ? assumed : FindReal(key);

    /// <summary>The object as last heard of, without any assumption.</summary>
    public T? FindReal(ObjectKey key) => reflector.Find(key) as T;

    /// <summary>Assumes this state. Says why not where a newer version than the one it is based on is known.</summary>
    public string? Assume(T wanted)
    {
        var known = Find(wanted.Key);
        if (known is null)
        {
            return $"could not find v1.{wanted.Type.Kind} \"{wanted.Key}\"";
        }

        if (IsOlder(wanted.ResourceVersion, known.ResourceVersion))
        {
            return $"v1.{wanted.Type.Kind} \"{wanted.Key}\" is out of sync "
                + $"(stored: {known.ResourceVersion}, assume: {wanted.ResourceVersion})";
        }

        _assumed[wanted.Key] = wanted;
        return null;
    }

    /// <summary>Forgets an assumption.</summary>
    public void Restore(ObjectKey key) => _assumed.Remove(key);

    /// <summary>Takes in a change of the real object, which ends an assumption that is older.</summary>
    public void OnChange(ObjectChange change)
    {
        var key = change.Object.Key;
        if (_assumed.TryGetValue(key, out var assumed)
            && (change.After is null || IsOlder(assumed.ResourceVersion, change.After.ResourceVersion)))
        {
            _assumed.Remove(key);
        }
    }

    /// <summary>Whether version <paramref name="a"/> came before <paramref name="b"/>.</summary>
    public static bool IsOlder(string a, string b) =>
        ulong.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && ulong.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
        && first < second;
}
