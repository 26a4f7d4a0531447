using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using Xunit.Abstractions;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// Many claims at once, with everything that may end ending in the middle: all are bound in the end, none twice, and nothing is left over
/// when they are gone. On a cluster in this process, whose parts can be ended, or the one that <c>LOCALPV_E2E_KUBECONFIG</c> names.
/// </summary>
[Collection(nameof(SharedCluster))]
public sealed class BurstTests(SharedCluster shared, ITestOutputHelper output)
{
    private static readonly int Claims = int.Parse(
        Environment.GetEnvironmentVariable("LOCALPV_E2E_CLAIMS") ?? "200", CultureInfo.InvariantCulture);

    // As many as in the burst take some twenty seconds more; that is the figure in docs/benchmarks.md.
    private static readonly int CalmClaims = int.Parse(
        Environment.GetEnvironmentVariable("LOCALPV_E2E_CALM_CLAIMS") ?? "40", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Burst_WithEverythingRestartedInTheMiddle_BindsAllOnce_AndLeavesNothing()
    {
        var own = shared.IsExternal ? null : await InnerCluster.StartAsync();
        await using var ownWorld = own is null ? null : await ClusterWorld.StartAsync(own);
        var world = ownWorld ?? shared.World;
        await using var tenant = await Tenant.StartAsync(world, nodes: 20);
        await OneAfterAnotherAsync(tenant);
        Say("one after another", own, tenant);
        await CalmAsync(tenant);
        Assert.InRange(tenant.Waits.Median, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Say("at once, undisturbed", own, tenant);

        var wave = Claims / 4;
        await MakeAsync(tenant, "api", wave);
        await world.Cluster.RestartApiServerAsync();
        await MakeAsync(tenant, "sched", wave);
        await world.Cluster.RestartSchedulerAsync();
        await MakeAsync(tenant, "extender", wave);
        await world.RestartExtenderAsync();
        var last = MakeAsync(tenant, "agents", Claims - (3 * wave));
        foreach (var node in tenant.Nodes.Where((_, index) => index % 4 == 0))
        {
            await node.KillAsync();
            await tenant.StartAgentAsync(node);
        }

        await last;
        await tenant.UntilAsync("every claim is bound", async () =>
            await ClaimsAsync(tenant) is { } found && found.Count == Claims && found.All(claim => claim.Phase == "Bound"));
        await NoneTwiceAsync(tenant);
        foreach (var claim in await ClaimsAsync(tenant))
        {
            await tenant.DeletePodWithClaimAsync(claim.Name);
        }

        await tenant.UntilEmptyAsync();
        // The target is 50 ms on a quiet machine; the bound is for one that does much else.
        Assert.InRange(tenant.Waits.Median, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Say("with everything restarted", own, tenant);
    }

    private void Say(string when, InnerCluster? own, Tenant tenant)
    {
        output.WriteLine($"{when}: {tenant.Waits.Take()}");
        if (own is not null)
        {
            output.WriteLine($"{when}: {own.OwnPart.Take()}");
        }
    }

    // As fast as the API server takes them, and nothing ends.
    private static async Task CalmAsync(Tenant tenant)
    {
        await MakeAsync(tenant, "calm-burst", CalmClaims);
        await tenant.UntilAsync("all are bound", async () =>
            await ClaimsAsync(tenant) is { } found && found.Count == CalmClaims && found.All(claim => claim.Phase == "Bound"));
        foreach (var claim in await ClaimsAsync(tenant))
        {
            await tenant.DeletePodWithClaimAsync(claim.Name);
        }

        await GoneAsync(tenant);
    }

    private static async Task GoneAsync(Tenant tenant)
    {
        await tenant.UntilEmptyAsync();
        await tenant.UntilAsync("the claims are gone", async () => (await ClaimsAsync(tenant)).Count == 0);
    }

    // What a claim waits for where nobody waits for a processor.
    private static async Task OneAfterAnotherAsync(Tenant tenant)
    {
        for (var i = 0; i < 10; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"calm-{i}");
            await tenant.PodWithClaimAsync(name, "1Gi");
            await tenant.UntilAsync("it is bound", async () => (await tenant.ClaimAsync(name))!.Phase == "Bound");
            await tenant.DeletePodWithClaimAsync(name);
        }

        await GoneAsync(tenant);
    }

    private static async Task MakeAsync(Tenant tenant, string wave, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await tenant.PodWithClaimAsync(string.Create(CultureInfo.InvariantCulture, $"{wave}-{i}"), "1Gi");
        }
    }

    private static Task<IReadOnlyList<PersistentVolumeClaim>> ClaimsAsync(Tenant tenant) =>
        tenant.AllAsync<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims);

    private static async Task NoneTwiceAsync(Tenant tenant)
    {
        var claims = await ClaimsAsync(tenant);
        var volumes = await tenant.VolumesAsync();
        Assert.Equal(Claims, volumes.Count);
        Assert.Equal(Claims, claims.Select(claim => claim.VolumeName).Distinct(StringComparer.Ordinal).Count());
        var made = tenant.LogicalVolumes();
        Assert.Equal(Claims, made.Count);
        Assert.Equal(Claims, made.Select(found => found.Volume.Claim).Distinct().Count());
        foreach (var volume in volumes)
        {
            Assert.True(ClaimUid.TryParse(volume.ClaimUid, out var claim));
            Assert.Equal(volume.HostName, Assert.Single(made, found => found.Volume.Claim == claim).Node);
        }
    }
}
