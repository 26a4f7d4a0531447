using System.Text.RegularExpressions;

namespace LocalPv.Architecture.Tests;

/// <summary>Rules of the house that a machine can check in the text of the sources.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 400;
    private const int ColumnsMax = 140;

    private static readonly string[] Rooms = ["LocalPv.Core", "LocalPv.Lvm", "LocalPv.Fake", "LocalPv.Sim", "LocalPv.Hosting"];

    private static readonly string[] EmptyWords = ["Helper", "Util", "Utils", "Manager", "Misc", "Common"];

    public static IEnumerable<string> Everything => Rooms.Append("tests").SelectMany(Repository.SourcesOf);

    [Fact]
    public void File_IsNotLongerThanAReaderCanHold() =>
        Assert.Empty(
            from file in Everything
            let lines = File.ReadLines(file).Count()
            where lines > LinesMax
            select $"{Repository.Relative(file)}: {lines} lines, at most {LinesMax}");

    [Fact]
    public void Line_FitsAScreen() =>
        Assert.Empty(
            from file in Everything
            from line in File.ReadLines(file).Select((text, index) => (text, number: index + 1))
            where line.text.Length > ColumnsMax && !line.text.Contains("http", StringComparison.Ordinal)
            select $"{Repository.Relative(file)}:{line.number}: {line.text.Length} columns, at most {ColumnsMax}");

    [Fact]
    public void File_IsNotNamedByAnEmptyWord() =>
        Assert.Empty(
            from file in Rooms.SelectMany(Repository.SourcesOf)
            let name = Path.GetFileNameWithoutExtension(file)
            where EmptyWords.Any(word => name.EndsWith(word, StringComparison.Ordinal))
            select $"{Repository.Relative(file)}: say what it is");

    [Fact]
    public void Namespace_EqualsTheFolder() =>
        Assert.Empty(
            from file in Rooms.SelectMany(Repository.SourcesOf)
            let declared = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value
            let expected = Path.GetDirectoryName(Repository.Relative(file))!.Replace('/', '.')
            where declared.Length > 0 && declared != expected
            select $"{Repository.Relative(file)}: namespace {declared}, but the folder says {expected}");

    [Fact]
    public void Test_IsNeverSkipped() =>
        Assert.Empty(
            from file in Repository.SourcesOf("tests")
            where SkipArgument().IsMatch(File.ReadAllText(file))
            select Repository.Relative(file));

    [Fact]
    public void Code_LeavesNothingUndone() =>
        Assert.Empty(
            from file in Rooms.SelectMany(Repository.SourcesOf)
            from line in File.ReadLines(file).Select((text, index) => (text, number: index + 1))
            where UndoneMark().IsMatch(line.text)
            select $"{Repository.Relative(file)}:{line.number}: {line.text.Trim()}");

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\[(Fact|Theory)\([^)]*\bSkip\s*=")]
    private static partial Regex SkipArgument();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b")]
    private static partial Regex UndoneMark();
}
