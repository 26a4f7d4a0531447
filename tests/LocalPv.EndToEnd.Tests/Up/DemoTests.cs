using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Hosting.Cli;
using LocalPv.Hosting.Up;
using LocalPv.Hosting.Up.Story;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>The examples, from the StorageClass to running Pods, with one report gone stale on the way.</summary>
public sealed class DemoTests
{
    private const string Spoiled = "pvc/data-db-0";

    [Fact]
    public async Task Demo_WithAStaleReport_EndsWithAllBoundAndTheClaimElsewhere()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { Demo = true, Timeout = TimeSpan.FromMinutes(2) });

        var outcome = await world.Session.RunAsync([], CancellationToken.None);

        Assert.True(outcome.IsDone, outcome.Message + "\n" + world.Story());
        var claims = world.All<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims);
        Assert.Equal(["data-db-0", "data-db-1", "data-db-2", "index", "scratch"], claims.Select(claim => claim.Name));
        Assert.All(claims, claim => Assert.Equal("Bound", claim.Phase));
        Assert.All(world.All<Pod>(ResourceTypes.Pods), pod => Assert.Equal("Running", pod.Phase));
        AssertVolumesAreWhereTheirPodsAre(world, claims);
        AssertTheClaimMovedOn(world);
        AssertGroupsWereBuiltAndReported(world);
        Assert.Equal(Placed(world, "search"), NodeOf(world, "index"));
    }

    [Fact]
    public async Task UpDemoOnce_WithJson_PrintsOneDocumentAndNothingElse()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var configuration = new System.CommandLine.InvocationConfiguration { Output = output, Error = errors };

        var code = await CommandLine.RunAsync(
            ["up", "--demo", "--once", "--output", "json", "--timeout", "2m"], configuration, CancellationToken.None);

        Assert.True(code == ExitCode.Done, $"{code}: {errors}");
        var document = Assert.IsType<JsonMap>(JsonTree.Parse(output.ToString()));
        Assert.True(document.Boolean("settled"));
        Assert.Equal(5, document.List("claims")!.Maps().Count(claim => claim.Text("phase") == "Bound"));
        Assert.Contains(document.List("timeline")!.Maps(), entry => entry.Text("what") == "NoSpace");
        Assert.Contains("selected-node", errors.ToString(), StringComparison.Ordinal);
    }

    private static void AssertVolumesAreWhereTheirPodsAre(UpWorld world, IReadOnlyList<PersistentVolumeClaim> claims)
    {
        foreach (var claim in claims)
        {
            var user = world.All<Pod>(ResourceTypes.Pods).Single(pod => pod.ClaimNames.Contains(claim.Name));
            Assert.Equal(user.NodeName, NodeOf(world, claim.Name));
            var node = world.Session.Cluster.Nodes.Single(node => node.Name.Value == user.NodeName);
            var volume = Assert.Single(
                node.Observe().VolumeGroups.SelectMany(group => group.LogicalVolumes), volume => volume.Claim?.Value == claim.Uid);
            Assert.Equal(claim.VolumeName, volume.Name.Value);
        }

        Assert.Equal(claims.Count, world.LogicalVolumes().Count(name => name.StartsWith("pvc-", StringComparison.Ordinal)));
    }

    private static void AssertTheClaimMovedOn(UpWorld world)
    {
        var entries = world.Timeline;
        var first = Index(entries, 0, entry => entry is { About: Spoiled, What: "SelectedNode" });
        var node = entries[first].Text.Replace("selected-node: ", "", StringComparison.Ordinal);
        var taken = Index(entries, first, entry => entry.What == "TakenBehindTheBack");
        Assert.Contains(node, entries[taken].Text, StringComparison.Ordinal);
        var failed = Index(entries, taken, entry => entry.Who == "lvm " + node && entry.What == "NoSpace");
        var cleared = Index(entries, failed, entry => entry is { About: Spoiled, What: "Rescheduled" });
        Assert.Equal("agent " + node, entries[cleared].Who);
        Assert.Contains("NoSpace", entries[cleared].Text, StringComparison.Ordinal);
        var asked = Index(entries, cleared, entry => entry is { About: "pod/db-0", What: "NotOn" });
        Assert.StartsWith($"not on {node}: ", entries[asked].Text, StringComparison.Ordinal);
        var again = Index(entries, asked, entry => entry is { About: Spoiled, What: "SelectedNode" });
        Assert.DoesNotContain(node, entries[again].Text, StringComparison.Ordinal);
        var bound = Index(entries, again, entry => entry is { About: Spoiled, What: "Bound" });
        Index(entries, bound, entry => entry is { About: "pod/db-0", What: "Running" });
        Assert.NotEqual(node, NodeOf(world, "data-db-0"));
    }

    private static void AssertGroupsWereBuiltAndReported(UpWorld world)
    {
        foreach (var node in (string[])["node-1", "node-2", "node-3"])
        {
            var created = Index(world.Timeline, 0, entry => entry.About == "nls/fast." + node && entry.What == "Created");
            var built = Index(world.Timeline, created, entry => entry.Who == "lvm " + node && entry.What == "CreateVolumeGroup");
            Index(world.Timeline, built, entry => entry.About == "nls/fast." + node && entry.What == "Reported");
            Assert.Equal("Ready", world.Storage("fast", node)!.Phase);
        }
    }

    private static string Placed(UpWorld world, string pod) => world.Pod(pod)!.NodeName;

    private static string? NodeOf(UpWorld world, string claim) => world.All<PersistentVolume>(ResourceTypes.PersistentVolumes)
        .Single(volume => volume.Name == world.Claim(claim)!.VolumeName).HostName;

    private static int Index(IReadOnlyList<TimelineEntry> entries, int from, Func<TimelineEntry, bool> matches)
    {
        for (var i = from; i < entries.Count; i++)
        {
            if (matches(entries[i]))
            {
                return i;
            }
        }

        Assert.Fail("Not in the timeline, in this order:\n" + string.Join("\n", entries));
        return -1;
    }
}
