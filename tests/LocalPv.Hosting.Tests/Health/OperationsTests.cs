using System.Net;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Hosting.Tests.Health;

/// <summary>What the services say of themselves over HTTP, composed as the program composes them.</summary>
[Collection("Metrics")]
public sealed class OperationsTests
{
    private const string Class =
        """
        {"metadata":{"name":"fast"},"provisioner":"local-volume-provisioner","volumeBindingMode":"WaitForFirstConsumer",
         "parameters":{"localpv.io/storage":
           "{\"nodeSelector\":{},\"disks\":{\"match\":[\"/dev/sd*\"]},\"volumeGroup\":{\"name\":\"fast\"}}"}}
        """;

    [Fact]
    public async Task Agent_AfterOneClaim_CountsItsVolumeAndHowLongItTook()
    {
        await using var service = await RunningService.AgentAsync();
        service.Seed(ResourceTypes.StorageClasses, Class);
        await service.UntilAsync("/metrics", page => page.Contains(
            "localpv_volume_group_capacity_bytes{node=\"node-1\",volume_group=\"fast\"} 4", StringComparison.Ordinal));
        service.Seed(ResourceTypes.PersistentVolumeClaims,
            """
            {"metadata":{"name":"data","namespace":"default","annotations":{
              "volume.kubernetes.io/selected-node":"node-1",
              "volume.kubernetes.io/storage-provisioner":"local-volume-provisioner"}},
             "spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast","resources":{"requests":{"storage":"1Gi"}}},
             "status":{"phase":"Pending"}}
            """);
        var page = await service.UntilAsync("/metrics", page => page.Contains(
            "localpv_volumes_present{node=\"node-1\",volume_group=\"fast\"} 1", StringComparison.Ordinal)
            && page.Contains("localpv_provisioning_duration_seconds_count{result=\"made\"} 1", StringComparison.Ordinal));
        Assert.Contains("localpv_volumes_wanted{node=\"node-1\",volume_group=\"fast\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("localpv_volumes_surplus{node=\"node-1\",volume_group=\"fast\"} 0\n", page, StringComparison.Ordinal);
        Assert.Contains("localpv_storage_request_duration_seconds_count{request=\"CreateLogicalVolume\",result=\"Done\"} 1\n", page,
            StringComparison.Ordinal);
        Assert.Contains("resource=\"persistentvolumeclaims\"", page, StringComparison.Ordinal);
        Assert.Contains("localpv_ready 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_WhoseClaimFitsNowhere_CountsTheReasonOfTheReturn()
    {
        await using var service = await RunningService.AgentAsync();
        service.Seed(ResourceTypes.StorageClasses, Class);
        await service.UntilAsync("/metrics", page => page.Contains("localpv_volume_group_free_bytes{", StringComparison.Ordinal));
        service.Seed(ResourceTypes.PersistentVolumeClaims,
            """
            {"metadata":{"name":"huge","namespace":"default","annotations":{
              "volume.kubernetes.io/selected-node":"node-1",
              "volume.kubernetes.io/storage-provisioner":"local-volume-provisioner"}},
             "spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast","resources":{"requests":{"storage":"1Ti"}}},
             "status":{"phase":"Pending"}}
            """);
        await service.UntilAsync("/metrics", page => page.Contains(
            "localpv_reschedules_total{reason=\"NoSpace\"} 1\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Extender_ThatCannotReachTheCluster_LivesButIsNotReadyAndSaysWhatItWaitsFor()
    {
        await using var service = await RunningService.ExtenderAsync(reachable: false);
        var (live, _) = await service.GetAsync("/healthz");
        var (ready, why) = await service.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, live);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.Contains("storageclasses.storage.k8s.io", why, StringComparison.Ordinal);
        Assert.Contains("nodelocalstorages.localpv.io", why, StringComparison.Ordinal);
        var page = await service.UntilAsync("/metrics", page => page.Contains(
            "localpv_api_request_duration_seconds_count{resource=\"storageclasses.storage.k8s.io\",result=\"Unavailable\",verb=\"list\"}",
            StringComparison.Ordinal));
        Assert.Contains("localpv_ready 0\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extender_WithAnEndingCertificate_IsNotReady()
    {
        var problem = "";
        await using var service = await RunningService.ExtenderAsync(() => Volatile.Read(ref problem));
        await service.UntilAsync("/readyz", body => !body.Contains("failed", StringComparison.Ordinal));
        Volatile.Write(ref problem, "it ends soon");
        var (status, body) = await service.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("[-]certificate failed: it ends soon", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Controller_ThatIsElected_IsReadyAndSaysThatItLeads()
    {
        await using var service = await RunningService.ControllerAsync();
        await service.UntilAsync("/readyz", body => body.Contains("[+]synced ok", StringComparison.Ordinal));
        await service.UntilAsync("/metrics", page => page.Contains("localpv_leader 1\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(90, "forward by 90 s")]
    [InlineData(-90, "back by 90 s")]
    public async Task Process_WhoseMachinesClockWasSet_AsksToBeStartedAgain(int seconds, string what)
    {
        var time = new SetTime();
        await using var service = await RunningService.ControllerAsync(time);
        time.Set = TimeSpan.FromSeconds(30);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/healthz")).Status);
        time.Set = TimeSpan.FromSeconds(seconds);
        var (status, body) = await service.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("[-]clock failed: the machine's clock was set " + what, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_TakesNothingButGet()
    {
        await using var service = await RunningService.ControllerAsync();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await service.PostAsync("/healthz"));
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/secrets")).Status);
    }

    private sealed class SetTime : TimeProvider
    {
        public TimeSpan Set { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Set;
    }
}
