using LocalPv.Core.Agents;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Hosting.Health;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Security;
using LocalPv.Hosting.Telemetry;
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
            .AddBasics("localpv-agent")
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<NodeAgent>()
            .AddAgent<NodeAgent>("agent/" + options.Node, options.Node.Value)
            .AddSingleton<ServiceState, NodeState>();

    /// <summary>
    /// A trace of all that the agent of <see cref="AddNodeAgent"/> does, in a file that grows to <paramref name="sizeMax"/>.
    /// </summary>
    public static IServiceCollection AddTrace(this IServiceCollection services, string file, Bytes sizeMax, NodeAgentOptions options) =>
        services.AddSingleton(provider => new TraceFile(
            file, sizeMax, options, provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.trace")));

    /// <summary>The same for the agent of <see cref="AddClusterAgent"/>.</summary>
    public static IServiceCollection AddTrace(this IServiceCollection services, string file, Bytes sizeMax, ClusterAgentOptions options) =>
        services.AddSingleton(provider => new TraceFile(
            file, sizeMax, options, provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.trace")));

    /// <summary>
    /// The same for the extender of <see cref="AddExtender"/>, with the scheduler's questions, which then go to the service
    /// <see cref="IExtenderAnswers"/>.
    /// </summary>
    public static IServiceCollection AddTrace(this IServiceCollection services, string file, Bytes sizeMax, ExtenderOptions options) =>
        services
            .AddSingleton(provider => new TraceFile(
                file, sizeMax, options, provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.trace")))
            .AddSingleton<TracedExtender>()
            .AddSingleton<IExtenderAnswers>(provider => provider.GetRequiredService<TracedExtender>());

    /// <summary>The controller of the cluster.</summary>
    public static IServiceCollection AddClusterAgent(
        this IServiceCollection services, ClusterConnection cluster, ClusterAgentOptions options) =>
        services
            .AddBasics("localpv-controller")
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<ClusterAgent>()
            .AddAgent<ClusterAgent>("controller", node: null)
            .AddSingleton<ServiceState, ControllerState>();

    /// <summary>
    /// The keeping of the certificate with which the extender is reached; goes with <see cref="AddClusterAgent"/>.
    /// <paramref name="service"/> is the extender's Service in <paramref name="inNamespace"/>.
    /// </summary>
    public static IServiceCollection AddExtenderCertificate(this IServiceCollection services, string inNamespace, string service) =>
        services
            .AddSingleton(provider => new CertificateStore(provider.GetRequiredService<IClusterApi>(), inNamespace, service))
            .AddHostedService<CertificateService>();

    /// <summary>The scheduler extender, without its HTTP side.</summary>
    /// <param name="services">Where it is added.</param>
    /// <param name="cluster">The API server.</param>
    /// <param name="options">The settings.</param>
    /// <param name="certificate">What is wrong with its certificate; an empty text where nothing is.</param>
    public static IServiceCollection AddExtender(
        this IServiceCollection services, ClusterConnection cluster, ExtenderOptions options, Func<string>? certificate = null) =>
        services
            .AddBasics("localpv-extender")
            .AddCluster(cluster)
            .AddSingleton(options)
            .AddSingleton<ExtenderAgent>()
            .AddAgent<ExtenderAgent>("extender", node: null)
            .AddSingleton<ServiceState>(provider => new ExtenderState(
                provider.GetRequiredService<ExtenderAgent>(),
                provider.GetRequiredService<AgentWorker>(),
                provider.GetRequiredService<LocalPvMetrics>(),
                provider.GetRequiredService<AgentTelemetry>(),
                options,
                certificate ?? (() => "")));

    private static IServiceCollection AddBasics(this IServiceCollection services, string name)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AgentClock>();
        services.TryAddSingleton<ProcessFate>();
        services.TryAddSingleton<LocalPvMetrics>();
        services.TryAddSingleton(_ => new MetricsPage(name));
        return services;
    }

    private static IServiceCollection AddCluster(this IServiceCollection services, ClusterConnection cluster)
    {
        services.TryAddSingleton(cluster);
        services.TryAddSingleton<HttpClusterApi>(provider => new HttpClusterApi(cluster, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IClusterApi>(provider => new MeteredClusterApi(
            new LoggingClusterApi(
                provider.GetRequiredService<HttpClusterApi>(),
                provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.cluster")),
            provider.GetRequiredService<LocalPvMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static IServiceCollection AddAgent<TAgent>(this IServiceCollection services, string name, string? node)
        where TAgent : class, IAgent
    {
        services.TryAddSingleton(new AgentWorkerOptions());
        services.TryAddSingleton<IEffectRunner>(provider => new TimeLimitedEffectRunner(
            new EffectRunner(provider.GetRequiredService<IClusterApi>(), Storage(provider)), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AgentTelemetry(
            provider.GetRequiredService<LocalPvMetrics>(), provider.GetRequiredService<TimeProvider>(), node));
        services.AddSingleton(provider => Worker<TAgent>(provider, name));
        return services.AddHostedService<AgentService>();
    }

    private static AgentWorker Worker<TAgent>(IServiceProvider provider, string name)
        where TAgent : class, IAgent
    {
        var metrics = provider.GetRequiredService<LocalPvMetrics>();
        var time = provider.GetRequiredService<TimeProvider>();
        var telemetry = provider.GetRequiredService<AgentTelemetry>();
        metrics.Observe(
            "localpv.watch.silence", "s", "How long ago each watched resource was last heard of; bookmarks come about once a minute.",
            telemetry.Silences);
        IAgent agent = provider.GetRequiredService<TAgent>();
        return new AgentWorker(
            name,
            provider.GetService<TracedExtender>() is { } extender ? extender
                : provider.GetService<TraceFile>() is { } trace ? new TracedAgent(agent, trace)
                : agent,
            provider.GetRequiredService<IEffectRunner>(),
            provider.GetRequiredService<AgentClock>(),
            time,
            provider.GetRequiredService<AgentWorkerOptions>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv." + name))
        {
            Observer = telemetry.OnStep,
            Waited = telemetry.OnWaited,
        };
    }

    private static LoggingNodeStorage? Storage(IServiceProvider provider) => provider.GetService<INodeStorage>() is { } storage
        ? new LoggingNodeStorage(
            new MeteredNodeStorage(storage, provider.GetRequiredService<LocalPvMetrics>(), provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("localpv.storage"))
        : null;
}
