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
    public void Scan_OfAGarbledReport_IsUnavailableOrAPicture() =>
        Fuzz("fullreport-missing-disk.json", text => Storage(new ScriptedRunner().Answer("fullreport", text), PaperFiles.Recorded));

    [Fact]
    public void Scan_OfAGarbledListOfDevices_IsUnavailableOrAPicture() =>
        Fuzz("node-files.txt", text => Storage(Reporting(), new PaperFiles(text)));

    // It becomes a part of a path below /sys.
    [Theory]
    [InlineData("8:0/../../../etc")]
    [InlineData("..")]
    [InlineData(":")]
    [InlineData("8:")]
    public async Task Scan_WithAMountOfWhatIsNoNumber_DoesNotFollowIt(string number)
    {
        var files = PaperFiles.Recorded;
        files["/proc/self/mountinfo"] = $"22 1 {number} / /wrong rw - ext4 /dev/sdb rw";
        files[$"/sys/dev/block/{number}/slaves/sdb/dev"] = "8:16";
        var outcome = await Storage(Reporting(), files).RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.All(Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan.Disks, disk => Assert.NotEqual("/wrong", disk.MountPoint));
    }

    private static ScriptedRunner Reporting() => new ScriptedRunner().Answer("fullreport", Recording.Read("fullreport-missing-disk.json"));

    private static LvmNodeStorage Storage(ScriptedRunner runner, PaperFiles files) => new(new LvmOptions(), runner, files);

    private static void Fuzz(string recording, Func<string, LvmNodeStorage> prepare)
    {
        var original = Recording.Read(recording);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Mutations(original).ToArbitrary(), text =>
        {
            var outcome = prepare(text).RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None).AsTask().GetAwaiter().GetResult();
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
        var quote = original.Contains('"', StringComparison.Ordinal) ? '"' : ' ';
        var parts = original.Split(quote);
        var value =
            from at in Gen.Choose(0, (parts.Length - 2) / 2)
            from with in Gen.Elements(Nasty)
            select string.Join(quote, parts.Select((part, index) => index == (2 * at) + 1 ? with : part));
        return Gen.Frequency((2, cut), (2, hole), (2, character), (6, value), (3, value.SelectMany(_ => hole)));
    }
}
