using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Up.Story;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Up;

/// <summary>
/// One run of the embedded cluster: starts it, LocalPv beside it, applies what is to be applied, and waits until every claim is Bound and
/// every Pod runs.
/// </summary>
internal sealed class UpSession : IAsyncDisposable
{
    private static readonly VolumeGroupName DemoGroup = VolumeGroupName.Parse("fast");

    // Any Pod of the StatefulSet would do; the first is the easiest to find in the timeline.
    private const string SpoiledClaim = "data-db-0";

    private readonly UpOptions _options;
    private readonly IUpView _view;
    private readonly EmbeddedCluster _cluster;
    private readonly LocalPvProcesses _localPv;
    private readonly HttpClusterApi _user;
    private readonly ManifestApplier _applier;
    private int _spoiled;

    private UpSession(
        UpOptions options, IUpView view, Timeline timeline, EmbeddedCluster cluster, LocalPvProcesses localPv, HttpClusterApi user)
    {
        _options = options;
        _view = view;
        Timeline = timeline;
        _cluster = cluster;
        _localPv = localPv;
        _user = user;
        _applier = new ManifestApplier(user, cluster.FindType);
    }

    /// <summary>What happened so far.</summary>
    public Timeline Timeline { get; }

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster => _cluster;

    /// <summary>LocalPv's processes.</summary>
    public LocalPvProcesses LocalPv => _localPv;

    /// <summary>Whether nothing of LocalPv runs beside the cluster.</summary>
    public bool IsClusterOnly => _options.ClusterOnly;

    /// <summary>Completes with the first bug of anything that runs here.</summary>
    public Task<Exception> Bug => Task.WhenAny(_cluster.Bug, _localPv.Bug).Unwrap();

    /// <summary>Starts everything; the cluster is installed but nothing of the user's is applied yet.</summary>
    public static async Task<UpSession> StartAsync(
        UpOptions options, IUpView view, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var timeline = new Timeline(time);
        timeline.Listen(view.Show);
        var cluster = await EmbeddedCluster.StartAsync(options, timeline, time, logs, cancellationToken).ConfigureAwait(false);
        var user = new HttpClusterApi(cluster.Connection, time);
        LocalPvProcesses? localPv = null;
        try
        {
            var applier = new ManifestApplier(user, cluster.FindType);
            foreach (var manifest in Manifests.Embedded("crds").Concat(Manifests.Install)
                .Concat(options.NoExtender ? [Manifests.CapacityDriver] : []))
            {
                var applied = await applier.ApplyAsync(manifest, cancellationToken).ConfigureAwait(false);
                if (!applied.IsDone)
                {
                    throw new InvalidOperationException(applied.Message);
                }
            }

            localPv = await LocalPvProcesses.StartAsync(cluster, options, time, logs, cancellationToken).ConfigureAwait(false);
            cluster.StartModels(options is { ClusterOnly: true, ExtenderPort: > 0 and var port }
                ? new Uri($"http://127.0.0.1:{port}/scheduler")
                : localPv.ExtenderAddress);
            return new UpSession(options, view, timeline, cluster, localPv, user);
        }
        catch
        {
            if (localPv is not null)
            {
                await localPv.DisposeAsync().ConfigureAwait(false);
            }

            user.Dispose();
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Applies the examples if asked to, and the user's manifests, and waits until all is settled.</summary>
    public async Task<Outcome<Nothing>> RunAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            var outcome = _applier.Judge(manifests);
            outcome = outcome.IsDone
                ? await WaitAsync("the nodes to register", NodesAreThere, limit.Token).ConfigureAwait(false)
                : outcome;
            outcome = outcome.IsDone && _options.Demo ? await RunDemoAsync(limit.Token).ConfigureAwait(false) : outcome;
            outcome = outcome.IsDone ? await ApplyAsync(manifests, limit.Token).ConfigureAwait(false) : outcome;
            return outcome.IsDone ? await SettleAsync(limit.Token).ConfigureAwait(false) : outcome;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var missing = _cluster.Look(Settlement.Of).Missing;
            return Outcome.Failed<Nothing>(
                OutcomeKind.Unavailable,
                $"Not settled after {_options.Timeout.TotalSeconds:0} s (--timeout). Missing:\n  {string.Join("\n  ", missing)}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _localPv.DisposeAsync().ConfigureAwait(false);
        _user.Dispose();
        await _cluster.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Outcome<Nothing>> RunDemoAsync(CancellationToken cancellationToken)
    {
        var examples = Manifests.Embedded("examples");
        var isSet = examples.ToLookup(manifest => manifest.Body.Text("kind") == "StatefulSet");
        var outcome = await ApplyAsync(
            [.. isSet[false].Where(manifest => manifest.Body.Text("kind") == "StorageClass")], cancellationToken).ConfigureAwait(false);
        outcome = outcome.IsDone
            ? await WaitAsync("every node to report its volume group", StorageIsReported, cancellationToken).ConfigureAwait(false)
            : outcome;
        outcome = outcome.IsDone
            ? await ApplyAsync(
                [.. isSet[false].Where(manifest => manifest.Body.Text("kind") != "StorageClass")], cancellationToken).ConfigureAwait(false)
            : outcome;

        // The next claims come when these have their volumes: only the claim that is meant to be turned away is then under way.
        outcome = outcome.IsDone
            ? await WaitAsync("the first claims to be bound", ClaimsAreBound, cancellationToken).ConfigureAwait(false)
            : outcome;
        if (outcome.IsDone)
        {
            _cluster.Look(server =>
            {
                server.Committed += SpoilTheReport;
                return true;
            });
            outcome = await ApplyAsync([.. isSet[true]], cancellationToken).ConfigureAwait(false);
        }

        return outcome;
    }

    // The moment in which the scheduler has chosen a node and the node's agent does not know it yet: what was reported is no longer true.
    private void SpoilTheReport(Change change)
    {
        if (change.Object is PersistentVolumeClaim { Name: SpoiledClaim, SelectedNode: { } chosen }
            && _cluster.Nodes.FirstOrDefault(node => node.Name.Value == chosen) is { } victim
            && Interlocked.Exchange(ref _spoiled, 1) == 0
            && victim.FillBehindTheAgent(DemoGroup) is { } taken)
        {
            Timeline.Add(
                "somebody",
                $"vg/{DemoGroup}",
                "TakenBehindTheBack",
                $"takes all {taken} that were free on {chosen}; the report of its agent is now stale");
        }
    }

    private async Task<Outcome<Nothing>> ApplyAsync(IEnumerable<Manifest> manifests, CancellationToken cancellationToken)
    {
        foreach (var manifest in manifests)
        {
            var applied = await _applier.ApplyAsync(manifest, cancellationToken).ConfigureAwait(false);
            if (!applied.IsDone)
            {
                return applied;
            }
        }

        return Outcome.Done(default(Nothing));
    }

    private async Task<Outcome<Nothing>> SettleAsync(CancellationToken cancellationToken) => await WaitAsync(
        "every claim and Pod",
        server =>
        {
            var now = Settlement.Of(server);
            _view.Status(now.ToString());
            return now.IsComplete;
        },
        cancellationToken).ConfigureAwait(false);

    private async Task<Outcome<Nothing>> WaitAsync(string what, Func<FakeApiServer, bool> isTrue, CancellationToken cancellationToken)
    {
        _view.Status("Waiting for " + what);
        await _cluster.UntilAsync(isTrue, cancellationToken).ConfigureAwait(false);
        return Outcome.Done(default(Nothing));
    }

    private bool NodesAreThere(FakeApiServer server) => server.Snapshot(ResourceTypes.Nodes).Length == _options.Nodes;

    private bool StorageIsReported(FakeApiServer server) =>
        server.Snapshot(ResourceTypes.NodeLocalStorages).OfType<NodeLocalStorage>()
            .Count(storage => storage.Phase is "Ready" or "Degraded" or "Failed") == _options.Nodes;

    private static bool ClaimsAreBound(FakeApiServer server) =>
        server.Snapshot(ResourceTypes.PersistentVolumeClaims).OfType<PersistentVolumeClaim>().All(claim => claim.Phase == "Bound");
}
