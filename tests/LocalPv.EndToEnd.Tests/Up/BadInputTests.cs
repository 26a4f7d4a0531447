using System.CommandLine;
using System.Net.Sockets;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Hosting.Cli;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>
/// Whatever somebody gets wrong: the message names the thing and the remedy, and a good claim beside it gets its volume all the same.
/// </summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task Class_ThatNamesAnUnknownNode_OffersNoNodeAndSaysSo()
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.Class("bad", """{"nodes": [{"name": "nowhere", "disks": ["/dev/sdb"]}]}"""));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilAsync(
            "the scheduler says why the Pod waits",
            here => here.WhyWaiting("victim").Contains("bad", StringComparison.Ordinal));
        await world.AssertOthersAreServedAsync();
        Assert.Equal("Pending", world.Claim("victim")!.Phase);
    }

    [Fact]
    public async Task Class_ThatNamesAMissingDisk_ReportsItByItsPath()
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.Class("bad", """{"nodes": [{"name": "node-1", "disks": ["/dev/disk/by-id/not-there"]}]}"""));
        await world.ApplyAsync(UpWorld.PodWithClaim("victim", "1Gi", "bad"));

        await world.UntilAsync("the report names the missing disk", here =>
            here.Storage("bad", "node-1") is { Phase: "Failed" } storage
            && storage.Status.List("disks")!.Maps().Any(disk =>
                disk.Text("path") == "/dev/disk/by-id/not-there" && disk.Text("state") == "Missing"
                && disk.Text("reason")!.Contains("check the path", StringComparison.Ordinal)));
        await world.UntilAsync("the scheduler says why the Pod waits", here => here.WhyWaiting("victim").Length > 0);
        await world.AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task Claim_OfAnUnknownClass_WaitsForItAndGetsAVolumeOnceItIsThere()
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.PodWithClaim("early", "1Gi", "later"));

        await world.UntilAsync(
            "the claim's class is named as missing",
            here => here.Events("PersistentVolumeClaim", "early").Concat(here.Events("Pod", "early")).Append(here.WhyWaiting("early"))
                .Any(message => message.Contains("later", StringComparison.Ordinal)));
        await world.AssertOthersAreServedAsync();
        await world.ApplyAsync(UpWorld.Class(
            "later", """{"nodeSelector": {}, "disks": {"match": ["/dev/sd*"]}, "volumeGroup": {"name": "fast"}}"""));
        await world.UntilRunsAsync("early");
    }

    [Fact]
    public async Task Claim_OfNothing_IsRefusedByTheApiServer()
    {
        await using var world = await UpWorld.StartServingAsync();

        var outcome = await world.TryApplyAsync(UpWorld.PodWithClaim("nothing", "0"));

        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains("spec.resources", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("greater than zero", outcome.Message, StringComparison.Ordinal);
        await world.AssertOthersAreServedAsync();
    }

    [Theory]
    [InlineData("10Ei", "claim default/huge cannot be served")]
    [InlineData("7Ei", "not enough space: 7Ei needed for class fast")]
    [InlineData("41Gi", "not enough space: 41Gi needed for class fast")]
    public async Task Claim_ThatFitsNowhere_WaitsAndTheReasonSaysWhatIsMissing(string size, string reason)
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(UpWorld.PodWithClaim("huge", size));

        await world.UntilAsync("the scheduler says why the Pod waits", here => here.WhyWaiting("huge").Length > 0);
        await world.AssertOthersAreServedAsync();
        Assert.Null(world.Claim("huge")!.SelectedNode);
        Assert.Equal(2, world.LogicalVolumes().Count);
        await world.UntilAsync("the extender says of every node why not", here => ((string[])["node-1", "node-2"]).All(node =>
            here.Timeline.Any(entry => entry is { Who: "extender", About: "pod/huge", What: "NotOn" }
                && entry.Text.StartsWith($"not on {node}: {reason}", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Claim_BoundByHand_IsLeftToItsVolume()
    {
        await using var world = await UpWorld.StartServingAsync();
        await world.ApplyAsync(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: by-hand}
            spec:
              capacity: {storage: 5Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: fast
              persistentVolumeReclaimPolicy: Retain
              local: {path: /mnt/by-hand}
              claimRef: {namespace: default, name: manual}
              nodeAffinity:
                required:
                  nodeSelectorTerms:
                    - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-2]}]
            """);
        await world.ApplyAsync(UpWorld.PodWithClaim("manual", "1Gi").Replace(
            "storageClassName: fast", "storageClassName: fast\n  volumeName: by-hand", StringComparison.Ordinal));

        await world.UntilRunsAsync("manual");
        Assert.Equal("node-2", world.Pod("manual")!.NodeName);
        await world.AssertOthersAreServedAsync();
        Assert.Equal(2, world.LogicalVolumes().Count);

        await world.DeleteAsync(ResourceTypes.Pods, "manual");
        await world.DeleteAsync(ResourceTypes.PersistentVolumeClaims, "manual");
        await world.UntilAsync("the volume made by hand is released and kept", here =>
            here.All<PersistentVolume>(ResourceTypes.PersistentVolumes).Any(volume => volume is { Name: "by-hand", Phase: "Released" }));
    }

    [Theory]
    [InlineData("Content-Length: 12\r\n\r\n{ not json }", "400")]
    [InlineData("Content-Length: 2\r\n\r\n{}", "400")]
    [InlineData("Content-Length: 209715200\r\n\r\n", "413")]
    public async Task Extender_AskedNonsense_SaysSoAndGoesOnAnswering(string rest, string status)
    {
        await using var world = await UpWorld.StartServingAsync();
        var extender = world.Session.LocalPv.ExtenderAddress!;

        using var client = new TcpClient();
        await client.ConnectAsync(extender.Host, extender.Port);
        var request = $"POST {extender.AbsolutePath.TrimEnd('/')}/filter HTTP/1.1\r\nHost: {extender.Authority}\r\n"
            + "Content-Type: application/json\r\n" + rest;
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());

        Assert.Contains(status, await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        await world.AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task Kubeconfig_ThatIsBroken_StopsTheProgramThatWasGivenItAndNothingElse()
    {
        await using var world = await UpWorld.StartServingAsync();
        var file = Path.GetTempFileName();
        foreach (var program in (string[][])[["agent", "--node-name", "node-1", "--backend", "fake"], ["extender"], ["controller"]])
        {
            await File.WriteAllTextAsync(file, "current-context: nowhere\n");
            using var errors = new StringWriter();
            var code = await CommandLine.RunAsync(
                [.. program, "--kubeconfig", file],
                new InvocationConfiguration { Output = TextWriter.Null, Error = errors },
                CancellationToken.None);

            Assert.Equal(ExitCode.WrongInput, code);
            Assert.Contains(file, errors.ToString(), StringComparison.Ordinal);
            Assert.Contains("nowhere", errors.ToString(), StringComparison.Ordinal);
        }

        File.Delete(file);
        await world.AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task ApiServer_ThatGoesAwayForAMinute_IsFoundAgainAndWhatWasAskedIsDone()
    {
        using var time = new SwiftTime();
        await using var world = await UpWorld.StartServingAsync(time);

        await world.Session.Cluster.StopHttpAsync();
        var began = time.GetTimestamp();
        time.Go(12);
        // The models of the cluster go on: the scheduler chooses a node that LocalPv cannot hear of.
        await world.ApplyInsideAsync(UpWorld.PodWithClaim("meanwhile", "1Gi"));
        await Task.Delay(TimeSpan.FromMinutes(1), time);
        Assert.True(time.GetElapsedTime(began) >= TimeSpan.FromMinutes(1));
        Assert.Equal("Pending", world.Claim("meanwhile")!.Phase);
        world.AssertEarlierIsUntouched();
        time.Go(1);
        await world.Session.Cluster.StartHttpAsync();

        await world.UntilRunsAsync("meanwhile");
        Assert.Equal(2, world.LogicalVolumes().Count);
        await world.AssertOthersAreServedAsync();
    }
}
