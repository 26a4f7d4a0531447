using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Lvm.Tests;

/// <summary>
/// Reports that were cut, garbled or written by something else: the answer is a clear failure or a picture, never an exception.
/// </summary>
public sealed class ReportFuzzTests
{
    private static readonly string[] Nasty =
    [
        "", "-1", "99999999999999999999", "9223372036854775807", "0", "1.5", "\\u0000", "--force", "a,b", "null", "true", "{}", "[]", "\"",
        "é", "/dev/../etc/passwd", "-x", ",,,", "4096,", "1e9",
    ];

    [Fact]
    public void Scan_OfAGarbledReport_IsUnavailableOrAPicture() => Fuzz("fullreport-missing-disk.json", (text, runner) => runner
        .Answer("fullreport", text).Answer("lsblk", Recording.Read("lsblk-node.json")));

    [Fact]
    public void Scan_OfAGarbledListOfDevices_IsUnavailableOrAPicture() => Fuzz("lsblk-node.json", (text, runner) => runner
        .Answer("fullreport", Recording.Read("fullreport-missing-disk.json")).Answer("lsblk", text));

    // Found by the test above: the name becomes a part of a path below /sys.
    [Theory]
    [InlineData("\\u0000")]
    [InlineData("..")]
    [InlineData("../../etc")]
    public async Task Scan_OfADeviceThatNoKernelNames_IsUnavailable(string name)
    {
        var devices = Recording.Read("lsblk-node.json").Replace("\"kname\": \"sda2\"", $"\"kname\": \"{name}\"", StringComparison.Ordinal);
        var runner = new ScriptedRunner().Answer("fullreport", Recording.Read("fullreport-missing-disk.json")).Answer("lsblk", devices);
        var outcome = await new LvmNodeStorage(new LvmOptions(), runner).RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
    }

    private static void Fuzz(string recording, Func<string, ScriptedRunner, ScriptedRunner> prepare)
    {
        var original = Recording.Read(recording);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Mutations(original).ToArbitrary(), text =>
        {
            var storage = new LvmNodeStorage(new LvmOptions(), prepare(text, new ScriptedRunner()));
            var outcome = storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            Assert.True(outcome.Kind is OutcomeKind.Done or OutcomeKind.Unavailable, outcome.ToString());
            Assert.True(outcome.IsDone || outcome.Message.Length > 0);
        }));
    }

    private static Gen<string> Mutations(string original)
    {
        var cut = Gen.Choose(0, original.Length).Select(length => original[..length]);
        var hole =
            from start in Gen.Choose(0, original.Length)
            from count in Gen.Choose(1, 60)
            select original.Remove(start, Math.Min(count, original.Length - start));
        var character =
            from at in Gen.Choose(0, original.Length - 1)
            from with in Gen.Elements('"', '{', '}', '[', ']', ',', ':', '-', '0', '9', '\0', 'x', '\n')
            select original[..at] + with + original[(at + 1)..];
        var parts = original.Split('"');
        var value =
            from at in Gen.Choose(0, (parts.Length - 2) / 2)
            from with in Gen.Elements(Nasty)
            select string.Join('"', parts.Select((part, index) => index == (2 * at) + 1 ? with : part));
        return Gen.Frequency((2, cut), (2, hole), (2, character), (6, value), (3, value.SelectMany(_ => hole)));
    }
}
