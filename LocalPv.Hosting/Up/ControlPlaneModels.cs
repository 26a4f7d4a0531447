using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Hosting.Up;

/// <summary>The parts of a cluster that are not LocalPv, as agents with what carries out their effects.</summary>
internal static class ControlPlaneModels
{
    /// <summary>
    /// kube-scheduler, the controllers, and a kubelet for each node; all speak to <paramref name="api"/> in this process. With
    /// <paramref name="devices"/> the kubelets mount what the Pods use; without, every volume counts as mounted.
    /// </summary>
    public static IEnumerable<(NamedAgent Agent, IEffectRunner Runner)> Create(
        ImmutableArray<NodeName> nodes,
        IClusterApi api,
        IExtenderEndpoint extender,
        Uri? extenderAddress,
        Func<NodeName, INodeDevices>? devices = null)
    {
        var options = new ControlPlaneOptions
        {
            Kubelets = [.. nodes.Select((node, index) => new KubeletOptions
            {
                NodeName = node,
                Address = $"192.0.2.{index + 1}",
                PodNetwork = $"10.244.{index}",
                // Pulling an image and starting a container, at their quickest.
                StartDuration = TimeSpan.FromMilliseconds(200),
                MountsDevices = devices is not null,
            })],
        };
        foreach (var agent in ControlPlane.CreateAgents(options))
        {
            var runner = new EffectRunner(api, storage: null);
            var kubelet = options.Kubelets.FirstOrDefault(kubelet => agent.Name == "kubelet/" + kubelet.NodeName.Value);
            yield return (
                agent, kubelet is not null && devices is not null ? new KubeletEffectRunner(runner, devices(kubelet.NodeName)) : runner);
        }

        var scheduler = new KubeScheduler(new SchedulerOptions
        {
            Extenders = extenderAddress is null ? [] : [new ExtenderSettings { UrlPrefix = extenderAddress.AbsoluteUri }],
            Seed = 1,
        });
        yield return (new NamedAgent("scheduler", scheduler), new SchedulerEffectRunner(new EffectRunner(api, storage: null), extender));
    }
}
