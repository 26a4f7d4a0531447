using System.Text.RegularExpressions;

namespace LocalPv.Hosting.Up.Story;

/// <summary>Names with their uids cut short, so that a line fits a screen.</summary>
internal static partial class ShortName
{
    /// <summary><c>pvc-1f09a729-810c-…</c> becomes <c>pvc-1f09a729</c>, wherever it stands.</summary>
    public static string Of(string name) => Uid().Replace(name, "$1");

    [GeneratedRegex("([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();
}
