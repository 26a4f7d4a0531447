namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>What a command printed.</summary>
public sealed record KubectlResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>The lines of the output.</summary>
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The words of a line of the output.</summary>
    public IReadOnlyList<string> Words(int line) => Lines[line].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The output of a command that must succeed.</summary>
    public KubectlResult Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return this;
    }

    /// <summary>The result of a command that must fail, saying this.</summary>
    public KubectlResult Failed(string saying)
    {
        Assert.True(ExitCode != 0, ToString());
        Assert.Contains(saying, Error + Output, StringComparison.Ordinal);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Command}\nexit code {ExitCode}\n{Output}\n{Error}";
}
