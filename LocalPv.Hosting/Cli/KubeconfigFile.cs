namespace LocalPv.Hosting.Cli;

/// <summary>The kubeconfig of an embedded cluster as a file; one in the temporary folder goes when the cluster does.</summary>
internal sealed class KubeconfigFile : IDisposable
{
    private readonly bool _isOurs;

    private KubeconfigFile(string path, bool isOurs)
    {
        Path = path;
        _isOurs = isOurs;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Writes the file; null for one of our own.</summary>
    public static KubeconfigFile Write(string? path, string content)
    {
        var file = path is null
            ? new KubeconfigFile(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"localpv-{Environment.ProcessId}.kubeconfig"), true)
            : new KubeconfigFile(System.IO.Path.GetFullPath(path), false);
        File.WriteAllText(file.Path, content);
        return file;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isOurs)
        {
            File.Delete(Path);
        }
    }
}
