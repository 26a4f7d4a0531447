using System.Text;
using System.Text.Json;
using LocalPv.Core.Tests.Agents;
using LocalPv.Core.Tests.Golden;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>Every request that a real kube-scheduler sent, answered over real HTTP.</summary>
public sealed class RecordedRequestTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Recordings", "Extender");

    private static IEnumerable<string> Recorded => Directory.EnumerateFiles(Folder, "*.request.json", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal);

    public static TheoryData<string> Requests()
    {
        var data = new TheoryData<string>();
        data.AddRange([.. Recorded]);
        return data;
    }

    public static TheoryData<string> BothModes()
    {
        var data = new TheoryData<string>();
        data.AddRange([.. Recorded.Where(name => name.StartsWith("cache-", StringComparison.Ordinal))]);
        return data;
    }

    /// <summary>The answers in both modes of nodeCacheCapable, byte for byte.</summary>
    [Theory]
    [MemberData(nameof(BothModes))]
    public async Task Recorded_IsAnsweredAsAgreed(string name)
    {
        var body = await File.ReadAllBytesAsync(Path.Combine(Folder, name));
        using var request = JsonDocument.Parse(body);
        await using var server = await ExtenderServer.StartAsync(World(Claims(request.RootElement)));
        var verb = name.Contains("prioritize", StringComparison.Ordinal) ? "prioritize" : "filter";
        var (status, answer) = await server.PostAsync("/scheduler/" + verb, body);
        Assert.Equal(200, status);
        GoldenFile.Check(
            "LocalPv.Hosting.Tests", name.Replace(".request.", ".answer.", StringComparison.Ordinal), Encoding.UTF8.GetString(answer));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Recorded_IsAnsweredRightly(string name)
    {
        var body = await File.ReadAllBytesAsync(Path.Combine(Folder, name));
        using var request = JsonDocument.Parse(body);
        var claims = Claims(request.RootElement);
        await using var server = await ExtenderServer.StartAsync(World(claims));
        if (name.Contains("prioritize", StringComparison.Ordinal))
        {
            CheckScores(request.RootElement, claims.Length, await server.AskAsync("prioritize", body));
        }
        else
        {
            CheckFilter(request.RootElement, claims.Length, await server.AskAsync("filter", body));
        }
    }

    // node-a has too little, node-b room, node-c more of it.
    private static ExtenderWorld World(string[] claims)
    {
        var world = new ExtenderWorld().Put(ExtenderWorld.StorageClass("fast"));
        return world.Put(
            world.Storage("fast", "node-a", free: "1Gi"),
            world.Storage("fast", "node-b", free: "50Gi"),
            world.Storage("fast", "node-c", free: "100Gi"))
            .Put([.. claims.Select(claim => ExtenderWorld.Claim(claim, "2Gi"))]).Start();
    }

    private static string[] Claims(JsonElement request) =>
    [
        .. from volume in request.GetProperty("Pod").GetProperty("spec").GetProperty("volumes").EnumerateArray()
           where volume.TryGetProperty("persistentVolumeClaim", out _)
           select volume.GetProperty("persistentVolumeClaim").GetProperty("claimName").GetString(),
    ];

    private static JsonElement[] Whole(JsonElement request) => request.GetProperty("Nodes").ValueKind == JsonValueKind.Null
        ? []
        : [.. request.GetProperty("Nodes").GetProperty("items").EnumerateArray()];

    private static string[] Names(JsonElement request) => request.GetProperty("NodeNames").ValueKind == JsonValueKind.Null
        ? [.. Whole(request).Select(node => node.GetProperty("metadata").GetProperty("name").GetString()!)]
        : [.. request.GetProperty("NodeNames").EnumerateArray().Select(name => name.GetString()!)];

    private static void CheckFilter(JsonElement request, int claims, JsonElement answer)
    {
        string[] rejected = claims > 0 && Names(request).Contains("node-a") ? ["node-a"] : [];
        string[] passed = [.. Names(request).Except(rejected)];
        Assert.Equal(
            ["Nodes", "NodeNames", "FailedNodes", "FailedAndUnresolvableNodes", "Error"],
            answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal("", answer.GetProperty("Error").GetString());
        Assert.Empty(answer.GetProperty("FailedNodes").EnumerateObject());
        Assert.Equal(rejected, answer.GetProperty("FailedAndUnresolvableNodes").EnumerateObject().Select(member => member.Name));
        Assert.All(
            answer.GetProperty("FailedAndUnresolvableNodes").EnumerateObject(),
            member => Assert.Matches("^not enough space: [24]Gi needed for .*, 1Gi available in .* vg$", member.Value.GetString()));
        if (request.GetProperty("Nodes").ValueKind == JsonValueKind.Null)
        {
            Assert.Equal(JsonValueKind.Null, answer.GetProperty("Nodes").ValueKind);
            Assert.Equal(passed, answer.GetProperty("NodeNames").EnumerateArray().Select(name => name.GetString()));
        }
        else
        {
            var sent = Whole(request).Where(node => passed.Contains(node.GetProperty("metadata").GetProperty("name").GetString()));
            Assert.Equal(JsonValueKind.Null, answer.GetProperty("NodeNames").ValueKind);
            Assert.Equal(
                sent.Select(node => node.GetRawText()),
                answer.GetProperty("Nodes").GetProperty("items").EnumerateArray().Select(node => node.GetRawText()));
        }
    }

    private static void CheckScores(JsonElement request, int claims, JsonElement answer)
    {
        Assert.Equal(Names(request), answer.EnumerateArray().Select(score => score.GetProperty("Host").GetString()));
        Assert.All(answer.EnumerateArray(), score => Assert.Equal(
            claims == 0 ? 0 : score.GetProperty("Host").GetString() switch { "node-a" => 0, "node-b" => 4, _ => 9 },
            score.GetProperty("Score").GetInt32()));
    }
}
