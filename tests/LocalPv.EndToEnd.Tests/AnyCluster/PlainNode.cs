using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Lvm;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>A node: disks that stay, and an agent that may be killed and started again.</summary>
internal sealed class PlainNode : INodeStorage, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly FakeLvm _lvm;
    private readonly FakeNodeStorage _storage;
    private readonly AgentWaits _waits;
    private IHost? _agent;

    public PlainNode(string name, AgentWaits waits)
    {
        _waits = waits;
        Name = NodeName.Parse(name);
        _lvm = new FakeLvm(name);
        _lvm.AddDisk("/dev/sdb", $"ata-E2E_{name}", Bytes.FromGibibytes(16));
        _storage = new FakeNodeStorage(_lvm);
    }

    public NodeName Name { get; }

    public async Task StartAsync(ClusterConnection connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<INodeStorage>(this).AddNodeAgent(connection, new NodeAgentOptions
        {
            Node = Name,
            // Disks do not come up late here.
            MissingGroupGrace = TimeSpan.FromSeconds(2),
        });
        // The last that is registered counts.
        builder.Services.AddSingleton(provider => _waits.Around(
            new MeteredClusterApi(
                provider.GetRequiredService<HttpClusterApi>(), provider.GetRequiredService<LocalPvMetrics>(), TimeProvider.System),
            Name));
        _agent = builder.Build();
        await _agent.StartAsync();
    }

    /// <summary>Ends the agent in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        if (_agent is { } agent)
        {
            _agent = null;
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await agent.StopAsync(now.Token);
            agent.Dispose();
        }
    }

    /// <summary>Somebody who is not LocalPv takes all that is free.</summary>
    public void FillBehindTheAgent()
    {
        lock (_gate)
        {
            var group = Assert.Single(_lvm.Observe().VolumeGroups);
            _lvm.CreateForeignVolume(group.Name, LogicalVolumeName.Parse("somebody-elses"), group.FreeExtents);
        }
    }

    public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _storage.RunAsync(request, cancellationToken);
        }
    }

    public IReadOnlyList<LogicalVolume> Volumes()
    {
        lock (_gate)
        {
            return [.. _lvm.Observe().VolumeGroups.SelectMany(group => group.LogicalVolumes)];
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
