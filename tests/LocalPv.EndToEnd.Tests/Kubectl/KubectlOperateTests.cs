using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Rest;
using LocalPv.Hosting.Embedded;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>What an operator does to nodes and workloads, and what this cluster cannot do and says so.</summary>
public sealed class KubectlOperateTests
{
    private static readonly ResourceType Deployments = new("apps", "v1", "deployments", "Deployment", true);

    public static KubectlTheoryData Kubectls => new();

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Scale_Workloads_SetsTheirReplicas(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        (await session.PipeAsync(Manifests.Set + "\n---\n" + Manifests.Deployment, "apply -f -")).Succeeded();

        (await session.RunAsync("scale sts/web deploy/front --replicas=5")).Succeeded();
        (await session.RunAsync("scale deploy/front --current-replicas=9 --replicas=1")).Failed("Expected replicas to be 9, was 5");

        Assert.Equal("5 5", (await session.RunAsync("get sts/web deploy/front -o jsonpath={.items[*].spec.replicas}")).Output);
        Assert.Equal(["front", "0/5", "0", "0"], (await session.RunAsync("get deploy --no-headers")).Succeeded().Words(0).Take(4));
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Rollout_OfADeployment_IsFollowedAndRestarted(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        (await session.PipeAsync(Manifests.Deployment, "apply -f -")).Succeeded();

        (await session.RunAsync("set image deploy/front web=web:2")).Succeeded();
        Assert.Equal("web:2", (await session.RunAsync("get deploy front -o jsonpath={.spec.template.spec.containers[*].image}")).Output);
        var waiting = session.RunAsync("rollout status deploy/front --timeout=20s");
        session.PatchStatus(
            Deployments, "front", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2}""");
        Assert.Contains("successfully rolled out", (await waiting).Succeeded().Output, StringComparison.Ordinal);
        (await session.RunAsync("rollout restart deploy/front")).Succeeded();
        (await session.RunAsync("create deployment made --image=web:3 --replicas=4 --port=80")).Succeeded();
        const string Container = ".spec.template.spec.containers[*]";
        Assert.Equal("4 web:3 80", (await session.RunAsync(["get", "deploy", "made", "-o",
            $"jsonpath={{.spec.replicas}} {{{Container}.image}} {{{Container}.ports[*].containerPort}}"])).Output);
        Assert.NotEqual("", (await session.RunAsync("get deploy front -o jsonpath={.spec.template.metadata.annotations}")).Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Node_CordonedTaintedAndDrained_LosesItsPods(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Nodes, Manifests.Node);
        session.Seed(ResourceTypes.Pods, Manifests.Pod + "\n  terminationGracePeriodSeconds: 0\n");

        (await session.RunAsync("taint node n1 disk=slow:NoSchedule")).Succeeded();
        Assert.Equal("disk:NoSchedule", (await session.RunAsync(
            "get node n1 -o jsonpath={.spec.taints[*].key}:{.spec.taints[*].effect}")).Output);
        (await session.RunAsync("taint node n1 disk-")).Succeeded();
        (await session.RunAsync("drain n1")).Failed("cannot delete");
        Assert.Contains("SchedulingDisabled", (await session.RunAsync("get node n1")).Output, StringComparison.Ordinal);
        Assert.Contains("pod/web-0 evicted", (await session.RunAsync("drain n1 --force --timeout=20s")).Succeeded().Output,
            StringComparison.Ordinal);
        (await session.RunAsync("uncordon n1")).Succeeded();

        (await session.RunAsync("get pod web-0")).Failed("(NotFound)");
        Assert.DoesNotContain("SchedulingDisabled", (await session.RunAsync("get node n1")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Containers_NobodyRunsHere_AreRefusedAsByAServerThatCannotReachTheNode(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);

        (await session.RunAsync("logs web-0 -c web")).Failed("n1:10250: connect: connection refused");
        (await session.RunAsync("logs web-0 -c none")).Failed("container none is not valid for pod web-0");
        (await session.RunAsync("exec web-0 -c web -- true")).Failed("n1:10250: connect: connection refused");
        (await session.RunAsync("top nodes")).Failed("Metrics API not available");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Auth_AsksWhatOneMay_AndIsAnswered(string version)
    {
        // kubectl sends no token where the line is not encrypted.
        await using var session = await KubectlSession.StartAsync(version, new EmbeddedApiServerOptions
        {
            UseTls = true,
            Tokens = new EmbeddedApiServerOptions().Tokens
                .Add("good", new RestCaller("admin", true)).Add("weak", new RestCaller("nobody", false)),
        });

        Assert.Equal("yes", (await session.RunAsync("auth can-i create pvc")).Succeeded().Output.Trim());
        (await session.RunAsync("auth can-i delete pvc --token=weak")).Failed("no");
        Assert.Contains("*.*", (await session.RunAsync("auth can-i --list")).Succeeded().Output, StringComparison.Ordinal);
        if (session.Minor >= 28)
        {
            Assert.Contains("admin", (await session.RunAsync("auth whoami")).Succeeded().Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task DryRun_OnTheServer_JudgesAndChangesNothing(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        var invalid = Manifests.Claim.Replace("1Gi", "0", StringComparison.Ordinal);

        Assert.Contains("created (server dry run)", (await session.PipeAsync(Manifests.Claim, "apply --dry-run=server -f -"))
            .Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("created (server dry run)", (await session.PipeAsync(Manifests.Claim, "create --dry-run=server -f -"))
            .Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("serverside-applied (server dry run)",
            (await session.PipeAsync(Manifests.Claim, "apply --server-side --dry-run=server -f -")).Succeeded().Output,
            StringComparison.Ordinal);
        (await session.PipeAsync(invalid, "apply --dry-run=server -f -")).Failed("must be greater than zero");

        Assert.Empty((await session.RunAsync("get pvc -o name")).Lines);
    }
}
