using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Lvm.Tests;

/// <summary>An lvm2 that is too old: the real one, asked for a command or an option that it does not have either.</summary>
public sealed class OldLvmTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-old-lvm-").FullName;

    [Theory]
    [InlineData("fullreport")]
    [InlineData("--reportformat")]
    public async Task Scan_ByAnLvmThatDoesNotKnowTheReport_NamesTheVersionThatIsNeeded(string unknown)
    {
        var program = Path.Combine(_folder, "lvm");
        await File.WriteAllTextAsync(
            program, $"#!/bin/bash\nPATH=$PATH:/usr/sbin:/sbin\nexec lvm \"${{@/#{unknown}/{unknown}-of-later}}\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var storage = new LvmNodeStorage(new LvmOptions { LvmProgram = program });
        var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("2.02.158", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("too old", outcome.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
