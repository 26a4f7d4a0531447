using LocalPv.Hosting.Options;

namespace LocalPv.Hosting.Cli;

/// <summary>What the flags of several services have in common.</summary>
internal static class ServiceFlags
{
    /// <summary>Checks a provisioner's name.</summary>
    public static string Provisioner(OptionErrors errors, string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            errors.Add("--provisioner", "must not be empty; it is what StorageClasses name as their provisioner.");
        }

        return name ?? "";
    }

    /// <summary>A number that differs between names and is the same in every process: FNV-1a.</summary>
    public static ulong SpreadOf(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in name)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }

        return hash;
    }
}
