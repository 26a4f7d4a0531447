using System.Text;
using System.Text.Json;
using LocalPv.Core.Tests.Agents;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>Requests of a real scheduler, damaged: each is answered, by a decision or by what is wrong with it.</summary>
public sealed class GarbledRequestTests
{
    private const int Cases = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Request_Garbled_IsAnsweredAndSoIsTheNext(int seed)
    {
        var random = new Random(seed);
        var folder = Path.Combine(AppContext.BaseDirectory, "Recordings", "Extender");
        var recorded = Directory.EnumerateFiles(folder, "*.request.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes).Where(body => body.Length is > 0 and < 20_000).ToArray();
        await using var server = await ExtenderServer.StartAsync(new ExtenderWorld().Start());
        for (var number = 0; number < Cases; number++)
        {
            var body = Garble(recorded[random.Next(recorded.Length)], random);
            var (status, answer) = await server.PostAsync(random.Next(2) == 0 ? "/scheduler/filter" : "/scheduler/prioritize", body);
            // 503: a score was asked for a claim that nobody has heard of.
            Assert.True(status is 200 or 400 or 503, $"seed {seed}, case {number}: {status}");
            Assert.True(answer.Length is > 0 and < 100_000, $"seed {seed}, case {number}: {answer.Length} bytes");

            // Names of nodes go back as they came, so that the answer is as sound as the question.
            if (status == 200 && IsJson(body))
            {
                using var document = JsonDocument.Parse(answer);
            }
        }

        Assert.Equal(200, (await server.PostAsync("/scheduler/filter", Encoding.UTF8.GetString(recorded[0]))).Status);
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Garble(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var changes = 1 + random.Next(3); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveRange(at, Math.Min(random.Next(200), bytes.Count - at));
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(200), bytes.Count - at)));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes("[[[[{\"\\ud800\":"));
                    break;
            }
        }

        return [.. bytes];
    }
}
