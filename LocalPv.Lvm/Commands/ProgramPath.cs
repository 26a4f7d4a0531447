namespace LocalPv.Lvm.Commands;

/// <summary>Where programs lie.</summary>
internal static class ProgramPath
{
    // Services are often started without the folders of the administrator's programs.
    private static readonly string[] AlwaysSearched = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>The full path of a program that may be run; null where there is none.</summary>
    internal static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return MayRun(program) ? program : null;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(AlwaysSearched).Select(folder => Path.Combine(folder, program)).FirstOrDefault(MayRun);
    }

    private static bool MayRun(string path)
    {
        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsLinux() && File.Exists(path) && (File.GetUnixFileMode(path) & anyExecute) != 0;
    }
}
