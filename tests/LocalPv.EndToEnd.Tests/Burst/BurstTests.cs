using System.Globalization;
using LocalPv.Core.Identity;
using Xunit.Abstractions;

namespace LocalPv.EndToEnd.Tests.Burst;

/// <summary>
/// Many claims at once, with everything that may end ending in the middle: all are bound in the end, none twice, and nothing is left over
/// when they are gone. Against the embedded cluster, or the one that <c>LOCALPV_E2E_KUBECONFIG</c> names.
/// </summary>
public sealed class BurstTests(ITestOutputHelper output)
{
    private static readonly int Claims = int.Parse(
        Environment.GetEnvironmentVariable("LOCALPV_E2E_CLAIMS") ?? "200", CultureInfo.InvariantCulture);

    /// <summary>What the environment does for any cluster, here for one in a process of its own: nothing but HTTP lies between.</summary>
    [Fact]
    public async Task Burst_OnAClusterOfAnotherProcess_BindsAllOnce_AndLeavesNothing()
    {
        await using var process = await ClusterProcess.StartAsync();
        await using var world = await BurstWorld.StartAsync(new ExternalCluster(process.Kubeconfig, process.Extender), nodes: 3);
        await LiveAsync(world, claims: 20);
    }

    [Fact]
    public async Task Burst_WithEverythingRestartedInTheMiddle_BindsAllOnce_AndLeavesNothing()
    {
        await using var world = await BurstWorld.StartAsync(nodes: 20);
        await LiveAsync(world, Claims);
        output.WriteLine((world.Cluster as InnerCluster)?.OwnPart.ToString() ?? "");
    }

    private static async Task LiveAsync(BurstWorld world, int claims)
    {
        var wave = claims / 4;
        await world.BurstAsync("api", wave);
        await world.Cluster.RestartApiServerAsync();
        await world.BurstAsync("sched", wave);
        await world.Cluster.RestartSchedulerAsync();
        await world.BurstAsync("extender", wave);
        await world.RestartExtenderAsync();
        var last = world.BurstAsync("agents", claims - (3 * wave));
        foreach (var node in world.Nodes.Where((_, index) => index % 4 == 0))
        {
            await node.KillAsync();
            await node.StartAsync(world.Cluster.Connection);
        }

        await last;
        await world.UntilAsync(
            "every claim is bound",
            async () => await world.ClaimsAsync() is { } found && found.Count == claims && found.All(claim => claim.Phase == "Bound"),
            async () => string.Join(", ", (await world.ClaimsAsync()).Where(claim => claim.Phase != "Bound").Select(claim => claim.Name)));
        await NoneTwiceAsync(world, claims);
        await world.DeleteAllAsync();
        await world.UntilAsync("every volume is gone", async () => (await world.VolumesAsync()).Count == 0);
        Assert.Empty(world.Nodes.SelectMany(node => node.Volumes()));
    }

    private static async Task NoneTwiceAsync(BurstWorld world, int count)
    {
        var claims = await world.ClaimsAsync();
        var volumes = await world.VolumesAsync();
        Assert.Equal(count, volumes.Count);
        Assert.Equal(count, claims.Select(claim => claim.VolumeName).Distinct(StringComparer.Ordinal).Count());
        var made = world.Nodes
            .SelectMany(node => node.Volumes().Select(volume => (Node: node.Name.Value, volume.Claim)))
            .ToList();
        Assert.Equal(count, made.Count);
        Assert.Equal(count, made.Select(volume => volume.Claim).Distinct().Count());
        foreach (var volume in volumes)
        {
            Assert.True(ClaimUid.TryParse(volume.ClaimUid, out var claim));
            Assert.Equal(volume.HostName, Assert.Single(made, found => found.Claim == claim).Node);
        }
    }
}
