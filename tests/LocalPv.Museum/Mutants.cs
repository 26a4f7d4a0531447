/// <summary>Which planted bug is switched on. One at a time, in the whole process.</summary>
internal static class Mutants
{
    /// <summary>The name of the bug that is on; empty for none.</summary>
    internal static string Active { get; set; } = "";

    /// <summary>Whether that bug is on.</summary>
    internal static bool Is(string name) => ReferenceEquals(Active, name) || Active == name;
}
