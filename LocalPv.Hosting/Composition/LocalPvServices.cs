using LocalPv.Core.Agents;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Composition;

/// <summary>What LocalPv's processes are made of.</summary>
public static class LocalPvServices
{
    /// <summary>The agent of a node.</summary>
    public static IServiceCollection AddNodeAgent(this IServiceCollection services, ClusterConnection cluster, NodeAgentOptions options) =>
        services
            .AddTime()
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<NodeAgent>()
            .AddAgent<NodeAgent>("agent/" + options.Node);

    /// <summary>The controller of the cluster.</summary>
    public static IServiceCollection AddClusterAgent(
        this IServiceCollection services, ClusterConnection cluster, ClusterAgentOptions options) =>
        services
            .AddTime()
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<ClusterAgent>()
            .AddAgent<ClusterAgent>("controller");

    /// <summary>The scheduler extender, without its HTTP side.</summary>
    public static IServiceCollection AddExtender(this IServiceCollection services, ClusterConnection cluster, ExtenderOptions options) =>
        services
            .AddTime()
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<ExtenderAgent>()
            .AddAgent<ExtenderAgent>("extender");

    private static IServiceCollection AddTime(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AgentClock>();
        services.TryAddSingleton<ProcessFate>();
        return services;
    }

    private static IServiceCollection AddCluster(this IServiceCollection services, ClusterConnection cluster)
    {
        services.TryAddSingleton(cluster);
        services.TryAddSingleton<HttpClusterApi>(provider => new HttpClusterApi(cluster, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IClusterApi>(provider => new LoggingClusterApi(
            provider.GetRequiredService<HttpClusterApi>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.cluster")));
        return services;
    }

    private static IServiceCollection AddAgent<TAgent>(this IServiceCollection services, string name)
        where TAgent : class, IAgent
    {
        services.TryAddSingleton(new AgentWorkerOptions());
        services.TryAddSingleton<IEffectRunner>(provider => new TimeLimitedEffectRunner(
            new EffectRunner(provider.GetRequiredService<IClusterApi>(), Storage(provider)), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AgentWorker(
            name,
            provider.GetRequiredService<TAgent>(),
            provider.GetRequiredService<IEffectRunner>(),
            provider.GetRequiredService<AgentClock>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<AgentWorkerOptions>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv." + name)));
        return services.AddHostedService<AgentService>();
    }

    private static LoggingNodeStorage? Storage(IServiceProvider provider) => provider.GetService<INodeStorage>() is { } storage
        ? new LoggingNodeStorage(storage, provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.storage"))
        : null;
}
