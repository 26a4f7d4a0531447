using System.Text;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>A named entry of a kubeconfig: where it stands, for messages, and what it says.</summary>
internal sealed record KubeconfigEntry(string FileName, string Path, JsonMap Content)
{
    /// <summary>The error that names this entry's key: file, key, what is wrong, remedy.</summary>
    public FormatException Error(string key, string message) => new($"The kubeconfig {FileName}, {Path}.{key}: {message}.");

    /// <summary>The text at a key that must be there.</summary>
    public string Text(string key) => TextOrNull(key) ?? throw Error(key, "is missing; add it");

    /// <summary>The text at a key; null where it is absent or empty.</summary>
    public string? TextOrNull(string key) => Content[key] switch
    {
        null or JsonNull => null,
        JsonText { Value: var text } => text.Length == 0 ? null : text,
        // A token of digits only is a number to YAML.
        JsonNumber number => number.Text,
        _ => throw Error(key, "is not a text; put it in quotes"),
    };

    /// <summary>The truth value at a key; false where it is absent.</summary>
    public bool Boolean(string key) => Content[key] switch
    {
        null or JsonNull => false,
        JsonBoolean value => value.Value,
        _ => throw Error(key, "is neither true nor false; write one of them"),
    };

    /// <summary>Throws where the key is there: it asks for something that is not supported.</summary>
    public void Refuse(string key, string why)
    {
        if (Content[key] is not (null or JsonNull or JsonText { Value.Length: 0 }))
        {
            throw Error(key, why);
        }
    }

    /// <summary>The path at a key, relative to the kubeconfig's folder; null where it is absent.</summary>
    public string? File(string key) => TextOrNull(key) is { } path
        ? System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(FileName))!)
        : null;

    /// <summary>The file that <see cref="Pem"/> reads for a key; none where it is given inline or not at all.</summary>
    public IEnumerable<string> PemFiles(string key) =>
        TextOrNull(key + "-data") is null && File(key) is { } path ? [path] : [];

    /// <summary>PEM given inline in <paramref name="key"/><c>-data</c> (base64) or as a file in <paramref name="key"/>; null where
    /// neither is.</summary>
    public string? Pem(string key)
    {
        if (TextOrNull(key + "-data") is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                throw Error(key + "-data", "is not base64; write the PEM file through 'base64 -w0'");
            }
        }

        if (File(key) is not { } path)
        {
            return null;
        }

        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Error(key, $"the file {path} cannot be read ({error.Message.TrimEnd('.')}); correct the path or put the "
                + $"content into {key}-data");
        }
    }
}
