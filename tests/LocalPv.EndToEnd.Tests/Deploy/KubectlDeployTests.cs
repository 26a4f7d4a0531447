using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>What an operator does with <c>deploy</c>, by a real kubectl against the embedded cluster.</summary>
public sealed class KubectlDeployTests
{
    private static readonly string Newest = KubectlBinary.All[^1].Version;

    [Fact]
    public async Task Apply_OfEverything_Works()
    {
        await using var session = await KubectlSession.StartAsync(Newest);
        var first = await session.RunAsync(["apply", "-k", Repository.File("deploy")]);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("daemonset.apps/localpv-agent created", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Components_CanBeAddedToTheRest()
    {
        await using var session = await KubectlSession.StartAsync(Newest);
        var folder = Directory.CreateTempSubdirectory("localpv-kustomize-").FullName;
        var relative = Path.GetRelativePath(folder, Repository.File("deploy"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "kustomization.yaml"),
            $"resources: [{relative}]\ncomponents: [{relative}/components/csidriver, {relative}/components/second-scheduler, "
            + $"{relative}/components/monitoring]\n");
        var built = await session.RunAsync(["kustomize", "--load-restrictor=LoadRestrictionsNone", folder]);
        Directory.Delete(folder, recursive: true);
        Assert.True(built.ExitCode == 0, built.Error);
        Assert.Contains("kind: CSIDriver", built.Output, StringComparison.Ordinal);
        Assert.Contains("name: localpv-scheduler", built.Output, StringComparison.Ordinal);
        Assert.Contains("kind: PrometheusRule", built.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removal_OfEverythingButTheDefinition_KeepsVolumeGroupsAndVolumes()
    {
        await using var session = await KubectlSession.StartAsync(Newest);
        Assert.Equal(0, (await session.RunAsync(["apply", "-k", Repository.File("deploy")])).ExitCode);
        session.Seed(
            Core.Kubernetes.ResourceTypes.NodeLocalStorages,
            """
            metadata: {name: fast.node-1}
            spec: {storageClassName: fast, nodeName: node-1, volumeGroup: {name: fast}}
            """);
        foreach (var file in Directory.GetFiles(Repository.File("deploy/manifests"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var removed = await session.RunAsync(["delete", "-f", file, "--wait=false", "--ignore-not-found"]);
            Assert.True(removed.ExitCode == 0, removed.Error);
        }

        var left = await session.RunAsync("get nls -o name");
        Assert.Equal("nodelocalstorage.localpv.io/fast.node-1", left.Output.Trim());
    }

    [Fact]
    public void Containers_ButTheAgents_AreNobodyWithNothing()
    {
        foreach (var name in (string[])["localpv-extender", "localpv-controller"])
        {
            var pod = (JsonMap)DeployFiles.Find("Deployment", name).At("spec", "template", "spec")!;
            Assert.Null(pod.Boolean("hostNetwork"));
            Assert.Equal(65534, pod.Map("securityContext")!.Number("runAsUser"));
            Assert.True(pod.Map("securityContext")!.Boolean("runAsNonRoot"));
            var container = Assert.Single(pod.List("containers")!.Maps()).Map("securityContext")!;
            Assert.True(container.Boolean("readOnlyRootFilesystem"));
            Assert.False(container.Boolean("allowPrivilegeEscalation"));
            Assert.Equal(["ALL"], container.Map("capabilities")!.List("drop")!.Texts());
        }
    }

    [Fact]
    public void Extender_ThatLeaves_AnswersUntilTheNodesKnowAndThenHasTimeToEnd()
    {
        var pod = (JsonMap)DeployFiles.Find("Deployment", "localpv-extender").At("spec", "template", "spec")!;
        var container = Assert.Single(pod.List("containers")!.Maps());
        var pause = ((JsonMap)container.At("lifecycle", "preStop", "sleep")!).Number("seconds");
        Assert.Equal(5, pause);
        Assert.True(pod.Number("terminationGracePeriodSeconds") >= pause + Hosting.Program.EndLimit.TotalSeconds);
    }

    [Fact]
    public async Task Agent_StartedAsItsManifestSays_HoldsOnlyTheCapabilitiesThatAreExplained()
    {
        var pod = (JsonMap)DeployFiles.Find("DaemonSet", "localpv-agent").At("spec", "template", "spec")!;
        Assert.Null(pod.Boolean("hostNetwork"));
        Assert.Null(pod.Boolean("hostPID"));
        var container = Assert.Single(pod.List("containers")!.Maps());
        Assert.True(container.Map("securityContext")!.Boolean("readOnlyRootFilesystem"));
        var words = container.List("command")!.Texts().ToList();
        Assert.Equal("/usr/bin/localpv", words[^1]);
        var start = new System.Diagnostics.ProcessStartInfo(words[0], [.. words[1..^1], "cat", "/proc/self/status"])
        {
            RedirectStandardOutput = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var status = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        var held = status.Split('\n').Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();

        // CHOWN 0, IPC_LOCK 14, SYS_ADMIN 21, SYS_NICE 23, MKNOD 27: of those that this process has itself.
        const ulong Explained = (1UL << 0) | (1UL << 14) | (1UL << 21) | (1UL << 23) | (1UL << 27);
        Assert.Equal(0UL, Convert.ToUInt64(held, 16) & ~Explained);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
    }

    [Fact]
    public void SchedulerFiles_AreOneConfigurationButForTheirPlaces()
    {
        var kubeadm = DeployFiles.Read(Repository.File("deploy/scheduler/kubeadm.yaml")).Single();
        var k3s = DeployFiles.Read(Repository.File("deploy/scheduler/k3s.yaml")).Single();
        foreach (var file in (JsonMap[])[kubeadm, k3s])
        {
            var extender = Assert.Single(file.List("extenders")!.Maps());

            // A sample of the nodes may miss the one with room, and makes the scheduler try a Pod that fits nowhere without a pause.
            Assert.Equal(100, file.Number("percentageOfNodesToScore"));
            Assert.True(extender.Boolean("nodeCacheCapable"));
            Assert.True(extender.Boolean("ignorable"));
            Assert.True(extender.Boolean("enableHTTPS"));
            Assert.Equal("localpv-extender.localpv-system.svc", extender.Map("tlsConfig")!.Text("serverName"));
        }
    }
}
