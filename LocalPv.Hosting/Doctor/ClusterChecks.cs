using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.Hosting.Doctor;

/// <summary>Whether the API server can be reached, lets the agent read what it reads, and has the same time as this machine.</summary>
/// <param name="connection">The API server.</param>
/// <param name="time">This machine's clock.</param>
/// <param name="node">The Node that this machine is; empty where it was not said.</param>
/// <param name="capacityNamespace">The namespace of the CSIStorageCapacity objects; empty where there are none.</param>
public sealed class ClusterChecks(ClusterConnection connection, TimeProvider time, string node, string capacityNamespace)
{
    private const string Rights = "Apply deploy/manifests/rbac-agent.yaml, and run with the agent's service account.";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // The Date header has whole seconds. What LocalPv compares across machines are minutes; certificates and tokens tolerate less.
    private static readonly TimeSpan SkewTold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(60);

    /// <summary>The claims that have a volume object; null where they could not be listed.</summary>
    public IReadOnlySet<ClaimUid>? Claims { get; private set; }

    /// <summary>The checks; where the API server cannot be reached, that alone.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        using var http = ClusterHttp.CreateClient(new LiveConnection(connection, time));
        var (clock, failure) = await ClockAsync(http, cancellationToken).ConfigureAwait(false);
        if (clock is null)
        {
            return [failure!];
        }

        var findings = new List<Finding> { Finding.Good("api/reach", $"The API server at {connection.Server} answers."), clock };
        using var api = new HttpClusterApi(connection, time);
        ResourceType[] readable =
            [ResourceTypes.StorageClasses, ResourceTypes.PersistentVolumeClaims, ResourceTypes.NodeLocalStorages, ResourceTypes.Nodes];
        foreach (var type in readable)
        {
            findings.Add(await MayListAsync(api, type, new ObjectSelector(), cancellationToken).ConfigureAwait(false));
        }

        if (capacityNamespace.Length > 0)
        {
            findings.Add(await MayListAsync(
                api, ResourceTypes.CsiStorageCapacities, new ObjectSelector(capacityNamespace), cancellationToken).ConfigureAwait(false));
        }

        findings.Add(await VolumesAsync(api, cancellationToken).ConfigureAwait(false));
        if (node.Length > 0)
        {
            findings.Add(await NodeAsync(api, cancellationToken).ConfigureAwait(false));
        }

        return findings;
    }

    // Either the finding about the clock, or why the server cannot be asked.
    private async Task<(Finding? Clock, Finding? Failure)> ClockAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var before = time.GetUtcNow();
            using var answer = await http.GetAsync(new Uri("version", UriKind.Relative), limit.Token).ConfigureAwait(false);
            if (answer.Headers.Date is not { } there)
            {
                return (Finding.Warning("clock", "The API server does not say what time it has.", "Compare the clocks by hand."), null);
            }

            var middle = before + ((time.GetUtcNow() - before) / 2);
            var skew = (middle - there).Duration();
            var text = string.Create(
                CultureInfo.InvariantCulture, $"This machine's clock and the API server's are {skew.TotalSeconds:0} s apart.");
            const string Mend = "Let NTP set both: timedatectl set-ntp true, or chronyd.";
            return (
                skew < SkewTold ? Finding.Good("clock", text)
                    : skew < SkewMax ? Finding.Warning("clock", text, Mend)
                    : Finding.Failure("clock", text, Mend),
                null);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return (null, Unreachable(error));
        }
    }

    private Finding Unreachable(Exception error)
    {
        var server = $"The API server at {connection.Server} ({connection.Source})";
        return error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? Finding.Failure(
                "api/reach",
                $"{server} answers, but TLS fails: {TransportFailure.Reason(error)}.",
                "Look at certificate-authority in the kubeconfig (in a Pod: the ConfigMap kube-root-ca.crt), and at this machine's clock.")
            : Finding.Failure(
                "api/reach",
                error is OperationCanceledException
                    ? $"{server} does not answer within {Limit.TotalSeconds} s."
                    : $"{server} cannot be reached: {TransportFailure.Reason(error)}.",
                "Look at the network between this machine and it, and at --kubeconfig.");
    }

    private static async Task<Finding> MayListAsync(
        HttpClusterApi api, ResourceType type, ObjectSelector selector, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(api, type, selector, 1, cancellationToken).ConfigureAwait(false);
        var check = "api/" + type.Plural;
        return listed.IsDone ? Finding.Good(check, $"{type} can be listed.")
            : type == ResourceTypes.NodeLocalStorages && listed.Kind is OutcomeKind.NotFound
                ? Finding.Failure(
                    check, "The cluster does not know NodeLocalStorage.", "kubectl apply -f deploy/crds/localpv.io_nodelocalstorages.yaml")
            : Finding.Failure(check, $"{type} cannot be listed: {listed.Message}", Rights);
    }

    private async Task<Finding> VolumesAsync(HttpClusterApi api, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(
            api, ResourceTypes.PersistentVolumes, new ObjectSelector(), 0, cancellationToken).ConfigureAwait(false);
        if (!listed.TryGetValue(out var answer))
        {
            return Finding.Failure("api/persistentvolumes", $"PersistentVolumes cannot be listed: {listed.Message}", Rights);
        }

        var claims = new HashSet<ClaimUid>();
        foreach (var volume in answer.Items.OfType<PersistentVolume>())
        {
            if (ClaimUid.TryParse(volume.ClaimUid, out var claim))
            {
                claims.Add(claim);
            }
        }

        Claims = claims;
        return Finding.Good("api/persistentvolumes", "persistentvolumes can be listed.");
    }

    private async Task<Finding> NodeAsync(HttpClusterApi api, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(
            api, ResourceTypes.Nodes, new ObjectSelector(Fields: "metadata.name=" + node), 1, cancellationToken).ConfigureAwait(false);
        return !listed.TryGetValue(out var answer) ? Finding.Failure("api/node", listed.Message, Rights)
            : answer.Items.OfType<Node>().FirstOrDefault() is not { } found
                ? Finding.Failure("api/node", $"There is no Node {node}.", "Name it as kubectl get nodes does.")
            : found.Label(WellKnown.HostNameLabel) is null
                ? Finding.Failure(
                    "api/node", $"Node {node} has no label {WellKnown.HostNameLabel}.", "kubelet sets it; look at its --node-labels.")
            : Finding.Good("api/node", $"Node {node} is there.");
    }

    private static async Task<Outcome<ClusterAnswer>> ListAsync(
        HttpClusterApi api, ResourceType type, ObjectSelector selector, int max, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await api.SendAsync(new ClusterRequest.List(type, selector, Limit: max), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, $"no answer within {Limit.TotalSeconds} s");
        }
    }
}
