using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Units;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Tests.Engine;

public sealed class TraceTests
{
    [Fact]
    public void Hash_IsThatOfTheWrittenText()
    {
        using var copy = new MemoryStream();
        using var trace = new Trace(copy);
        for (var line = 0; line < 5000; line++)
        {
            trace.Begin(Instant.Epoch + TimeSpan.FromMilliseconds(line), Instant.Epoch, "agent/node-1");
            trace.Word("wörd\n");
            trace.Add(' ');
            trace.Number(line);
            trace.End();
        }

        var hash = trace.Hash();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(copy.ToArray())), hash);
        var lines = Encoding.UTF8.GetString(copy.ToArray()).Split('\n');
        Assert.Equal(5001, lines.Length);
        Assert.Equal("1000 agent/node-1 wörd  1", lines[1]);
    }

    [Fact]
    public void Line_LongerThanTheLongest_IsCutAndTheNextIsWhole()
    {
        using var copy = new MemoryStream();
        using var trace = new Trace(copy);
        trace.Begin(Instant.Epoch, Instant.Epoch, new string('x', 10_000));
        trace.End();
        trace.Begin(Instant.Epoch, Instant.Epoch, "next");
        trace.End();
        trace.Hash();
        var lines = Encoding.UTF8.GetString(copy.ToArray()).Split('\n');
        Assert.Equal("0 next", lines[1]);
        Assert.InRange(lines[0].Length, 4000, 4096);
    }
}
