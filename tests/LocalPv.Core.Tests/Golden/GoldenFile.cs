namespace LocalPv.Core.Tests.Golden;

/// <summary>
/// What is written for others, byte for byte as it was agreed: a file beside the tests. Run the tests with <c>LOCALPV_WRITE_GOLDEN=1</c> to
/// write the files anew, and look at the difference before you commit it: somebody reads these formats.
/// </summary>
internal static class GoldenFile
{
    private const string Switch = "LOCALPV_WRITE_GOLDEN";

    /// <summary>Compares with the file of that name in the folder <c>Golden</c> of a test project.</summary>
    public static void Check(string project, string name, string actual)
    {
        var path = Path.Combine(Root(), "tests", project, "Golden", name);
        var expected = File.Exists(path) ? File.ReadAllText(path) : null;
        if (expected == actual)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable(Switch) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            Assert.Fail($"{path} was written anew: look at 'git diff', and run again without {Switch}.");
        }

        Assert.True(expected is not null, $"There is no {path}: run with {Switch}=1 to write it.");
        Assert.Equal(expected, actual);
    }

    private static string Root()
    {
        var here = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(here, "LocalPv.sln")))
        {
            here = Path.GetDirectoryName(here)
                ?? throw new InvalidOperationException($"No LocalPv.sln above {AppContext.BaseDirectory}.");
        }

        return here;
    }
}
