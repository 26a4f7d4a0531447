using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Rest;
using LocalPv.Hosting.Embedded;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>Who may speak to the server, and what it refuses.</summary>
public sealed class KubectlAccessTests
{
    public static KubectlTheoryData Kubectls => new();

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Kubeconfig_OfATlsServerWithTokens_LetsItsHolderIn(string version)
    {
        await using var session = await KubectlSession.StartAsync(version, new EmbeddedApiServerOptions
        {
            UseTls = true,
            Tokens = new EmbeddedApiServerOptions().Tokens
                .Add("good", new RestCaller("admin", true)).Add("weak", new RestCaller("nobody", false)),
        });

        Assert.Contains("default", (await session.RunAsync("get ns")).Succeeded().Output, StringComparison.Ordinal);
        (await session.RunAsync("get ns --token=bad")).Failed("You must be logged in to the server");
        (await session.RunAsync("get ns --token=weak")).Failed(
            "cannot list resource \"namespaces\" in API group \"\" at the cluster scope");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Kubectl_WhatIsNotServed_IsRefusedClearly(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);

        (await session.RunAsync("get widgets")).Failed("the server doesn't have a resource type \"widgets\"");
        (await session.RunAsync("get pod none")).Failed("pods \"none\" not found");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Raw_HealthAndVersion_Answer(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);

        foreach (var path in new[] { "/healthz", "/livez", "/readyz" })
        {
            Assert.Equal("ok", (await session.RunAsync("get --raw " + path)).Succeeded().Output);
        }

        Assert.Contains("gitVersion", (await session.RunAsync("get --raw /version")).Succeeded().Output, StringComparison.Ordinal);
        (await session.RunAsync("get --raw /metrics")).Failed("could not find the requested resource");
        Assert.Contains("v1.36", (await session.RunAsync("version -o json")).Succeeded().Output, StringComparison.Ordinal);
    }
}
