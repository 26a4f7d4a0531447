using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Controllers.PersistentVolumes;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.World;

/// <summary>What a plan's knobs make of the options of every part of a cluster.</summary>
internal sealed class WorldSettings(Knobs knobs)
{
    // From so many nodes on the scheduler looks at samples by itself.
    private const int ManyNodes = 100;

    internal static ImmutableArray<string> Namespaces { get; } =
        ["default", "kube-node-lease", "kube-public", "kube-system", "localpv-system"];

    internal int Controllers => knobs.Number("controllers");

    internal int Extenders => knobs.Number("extenders");

    /// <summary>How much of a volume one request wipes.</summary>
    internal long ExtentsWipedAtOnce => knobs.Number("lvm.wiped-at-once");

    private ReflectorOptions Reflector { get; } = new()
    {
        PageSize = knobs.Number("reflector.page-size"),
        Backoff = new Backoff(knobs.Duration("reflector.backoff"), TimeSpan.FromSeconds(30)),
        SilenceLimit = knobs.Duration("reflector.silence"),
    };

    internal FakeApiServerOptions ApiServer(ulong seed, Instant startedAt) => new()
    {
        Seed = seed,
        StartedAt = startedAt,
        Namespaces = Namespaces,
        HistoryWindow = knobs.Duration("api.history"),
        HistoryEntriesMax = knobs.Number("api.history-entries"),
        BookmarkPeriod = knobs.Duration("api.bookmark-period"),
        WatchLifeMin = knobs.Duration("api.watch-life"),
    };

    // Kubernetes' own parts get no bookmarks: they would be half of all that happens. So they do not take silence for a broken connection;
    // one that has hung is closed for them.
    internal static ReflectorOptions Bystander { get; } = new() { SilenceLimit = TimeSpan.FromDays(1) };

    /// <summary>
    /// How long a watch of one of Kubernetes' own parts lives: longer than any run, as it has no bookmarks to go on from.
    /// </summary>
    internal static TimeSpan BystanderWatchLife { get; } = TimeSpan.FromDays(1);

    // A scheduler that looks at samples of the nodes tries a Pod that fits nowhere without a pause, where it pops from the backoff queue:
    // each sample has other reasons, and it wakes itself by writing them down. That tells nothing more after the first thousand times.
    internal SchedulerVersion Scheduler => knobs.Number("scheduler.sample-at-least") is var least and < ManyNodes
        ? SchedulerVersion.Kubernetes136 with { SampleAtLeast = least, PopsFromBackoffQueue = false }
        : SchedulerVersion.Kubernetes136;


    private TimeSpan LeasePeriod => knobs.Duration("kubelet.lease");

    internal ControlPlaneOptions ControlPlane() => new()
    {
        PersistentVolumes = new PersistentVolumeControllerOptions
        {
            ResyncPeriod = knobs.Duration("pv-controller.resync"),
            WritesEvents = false,
            Reflector = Bystander,
        },
        Controllers = new ControllerOptions { WritesEvents = false, Reflector = Bystander },
        NodeGrace = 5 * LeasePeriod,
        PodCheckPeriod = TimeSpan.FromMinutes(1),
    };

    // The nodes' Leases are most of what an idle cluster writes: they are renewed rarely, and missed accordingly later. A Pod whose volume
    // never comes would be most of what a plan does if it looked for it each second.
    internal KubeletOptions Kubelet(SimulatedNode node) => new()
    {
        NodeName = NodeName.Parse(node.Name),
        HostName = knobs.Number("kubelet.host-names") == 0 ? null : $"host-of-{node.Name}.example",
        Machine = string.Create(CultureInfo.InvariantCulture, $"{node.Name}-machine-{node.Machines}"),
        MountsDevices = true,
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add(Manifests.DisksLabel, "yes"),
        WritesEvents = false,
        LeasePeriod = LeasePeriod,
        PodSyncPeriod = knobs.Duration("kubelet.pod-sync"),
        VolumePollPeriod = TimeSpan.FromSeconds(15),
        StatusPeriod = TimeSpan.FromMinutes(30),
        Reflector = Bystander,
    };

    internal NodeAgentOptions Agent(NodeName node, ulong spread)
    {
        var mutation = knobs.Duration("agent.mutation-timeout");
        var api = knobs.Duration("agent.api-timeout");
        var grace = knobs.Duration("agent.orphan-grace");
        var least = mutation + api + TimeSpan.FromSeconds(10);
        return new NodeAgentOptions
        {
            Node = node,
            Spread = spread,
            ScanPeriod = knobs.Duration("agent.scan-period"),
            ScanGap = knobs.Duration("agent.scan-gap"),
            ScanTimeout = knobs.Duration("agent.scan-timeout"),
            MutationTimeout = mutation,
            ApiTimeout = api,
            ReportPeriod = knobs.Duration("agent.report-period"),
            OrphanGrace = grace > least ? grace : least,
            MissingGroupGrace = knobs.Duration("agent.missing-group-grace"),
            HungAfter = knobs.Duration("agent.hung-after"),
            Reflector = Reflector with { Spread = spread },
        };
    }

    internal ExtenderOptions Extender() => new()
    {
        Ledger = new CapacityLedgerOptions
        {
            OfferLifetime = knobs.Duration("extender.offer-lifetime"),
            ReportLag = knobs.Duration("extender.report-lag"),
        },
        StaleAfter = knobs.Duration("extender.stale-after"),
        TickPeriod = knobs.Duration("extender.tick-period"),
        WakeGap = knobs.Duration("extender.wake-gap"),
        Reflector = Reflector,
    };

    internal ClusterAgentOptions Controller(string identity)
    {
        var lease = knobs.Duration("controller.lease");
        return new ClusterAgentOptions
        {
            Identity = identity,
            LeaseDuration = lease,
            RenewDeadline = lease * 2 / 3,
            LeaseRetry = lease / 5,
            ReviewGap = knobs.Duration("controller.review-gap"),
            ReviewPeriod = knobs.Duration("controller.review-period"),
            NodeGoneGrace = knobs.Duration("controller.node-gone-grace"),
            NodeLostAfter = knobs.Duration("controller.node-lost-after"),
            Reflector = Reflector,
        };
    }
}
