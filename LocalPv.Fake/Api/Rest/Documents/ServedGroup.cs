using System.Collections.Immutable;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>One version of an API group with its kinds.</summary>
/// <param name="Group">The group, empty for the core group.</param>
/// <param name="Version">The version.</param>
/// <param name="Kinds">The kinds, by plural.</param>
public sealed record ServedVersion(string Group, string Version, ImmutableArray<KindInfo> Kinds)
{
    /// <summary><c>v1</c> or <c>group/version</c>.</summary>
    public string GroupVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The path below which it is served.</summary>
    public string Path => Group.Length == 0 ? "api/" + Version : "apis/" + Group + "/" + Version;
}

/// <summary>An API group with its versions, the preferred one first.</summary>
public sealed record ServedGroup(string Group, ImmutableArray<ServedVersion> Versions)
{
    /// <summary>Everything that is served, the core group first, then by name.</summary>
    public static ImmutableArray<ServedGroup> Of(IEnumerable<KindInfo> kinds) =>
    [
        .. kinds
            .GroupBy(kind => kind.Type.Group, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ServedGroup(group.Key, VersionsOf(group.Key, group))),
    ];

    private static ImmutableArray<ServedVersion> VersionsOf(string name, IEnumerable<KindInfo> kinds) =>
    [
        .. kinds
            .GroupBy(kind => kind.Type.Version, StringComparer.Ordinal)
            .OrderByDescending(version => Rank(version.Key))
            .ThenBy(version => version.Key, StringComparer.Ordinal)
            .Select(version => new ServedVersion(
                name, version.Key, [.. version.OrderBy(kind => kind.Type.Plural, StringComparer.Ordinal)])),
    ];

    // Stable versions before beta before alpha, then the larger numbers (apimachinery/pkg/version/helpers.go).
    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var (number, stability) = (version.TrimStart('v'), 2);
        foreach (var (word, rank) in new[] { ("beta", 1), ("alpha", 0) })
        {
            var at = number.IndexOf(word, StringComparison.Ordinal);
            if (at >= 0)
            {
                return (rank, Whole(number[..at]), Whole(number[(at + word.Length)..]));
            }
        }

        return (stability, Whole(number), 0);
    }

    private static int Whole(string text) =>
        int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
