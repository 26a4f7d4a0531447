namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>The kubectls that are found, for theories; each is named by its version, since a test's arguments must be plain.</summary>
public sealed class KubectlTheoryData : TheoryData<string>
{
    private KubectlTheoryData(IEnumerable<KubectlBinary> binaries)
    {
        foreach (var binary in binaries)
        {
            Add(binary.Version);
        }

        // One entry that fails with a clear message where none is found.
        if (KubectlBinary.All.Count == 0)
        {
            Add("none found");
        }
    }

    /// <summary>Every version.</summary>
    public static KubectlTheoryData All => new(KubectlBinary.All);

    /// <summary>The two between which the others lie, where a machine has many.</summary>
    public static KubectlTheoryData OldestAndNewest => new(KubectlBinary.All.Take(1).Union(KubectlBinary.All.TakeLast(1)));

    /// <summary>The kubectl of a version.</summary>
    public static KubectlBinary Find(string version) =>
        KubectlBinary.All.FirstOrDefault(binary => binary.Version == version)
        ?? throw new InvalidOperationException(
            "No kubectl on the PATH. Install one (Debian: apt-get install kubernetes-client) and run the tests again.");
}
