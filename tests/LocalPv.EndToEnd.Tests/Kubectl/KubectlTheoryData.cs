namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>Every kubectl that is found, for theories; each is named by its version, since a test's arguments must be plain.</summary>
public sealed class KubectlTheoryData : TheoryData<string>
{
    /// <summary>The versions; one entry that fails with a clear message where none is found.</summary>
    public KubectlTheoryData()
    {
        foreach (var binary in KubectlBinary.All)
        {
            Add(binary.Version);
        }

        if (KubectlBinary.All.Count == 0)
        {
            Add("none found");
        }
    }

    /// <summary>The kubectl of a version.</summary>
    public static KubectlBinary Find(string version) =>
        KubectlBinary.All.FirstOrDefault(binary => binary.Version == version)
        ?? throw new InvalidOperationException(
            "No kubectl on the PATH. Install one (Debian: apt-get install kubernetes-client) and run the tests again.");
}
