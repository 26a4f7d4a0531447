using System.Diagnostics;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>The output of a command that goes on, a line at a time.</summary>
public sealed class KubectlStream(Process process, TimeSpan patience) : IDisposable
{
    private readonly List<string> _read = [];

    /// <summary>Reads until a line contains all of these words, and gives that line.</summary>
    public async Task<string> ReadUntilAsync(params string[] words)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                _read.Add(line);
                if (words.All(word => line.Contains(word, StringComparison.Ordinal)))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what was read.
        }

        throw new InvalidOperationException($"No line with '{string.Join("', '", words)}' within {patience}:\n{string.Join('\n', _read)}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
