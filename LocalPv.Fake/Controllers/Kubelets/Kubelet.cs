using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>
/// The model of a kubelet: registers its Node, renews the node's Lease, and runs the Pods that are bound to it. A Pod starts when its
/// claims are bound to volumes of this node (and, if asked to, their devices can be mounted), ends gracefully when deleted, and then lets
/// go of its devices before its object goes. Grown volumes get their file system grown.
/// </summary>
/// <remarks>
/// A real kubelet also admits Pods by resources, pulls images, runs probes and init containers, restarts containers, evicts under
/// pressure and mounts volumes other than claims; here containers run for ever, and all other volumes count as mounted.
/// </remarks>
public sealed partial class Kubelet : ControllerAgent
{
    private readonly KubeletOptions _options;
    private readonly NodeReport _report;
    private readonly Reflector _nodeObject;
    private readonly ObjectKey _nodeKey;
    private readonly Dictionary<string, RunningPod> _pods = [];
    private readonly Worker<string> _podWorker;
    private readonly Worker<Duty> _duties;
    private KubernetesObject? _lease;
    private Instant _statusDueAt;
    private bool _isRegistered;
    private long _addresses;

    /// <summary>A kubelet whose process begins; what its node ran before, it learns from the Pods.</summary>
    public Kubelet(KubeletOptions options)
        : base("kubelet", options)
    {
        _options = options;
        _report = new NodeReport(options);
        _nodeKey = ObjectKey.ClusterScoped(options.NodeName.Value);
        Watch(ResourceTypes.Pods, new ObjectSelector(Fields: "spec.nodeName=" + options.NodeName.Value));
        _nodeObject = Watch(ResourceTypes.Nodes, new ObjectSelector(Fields: "metadata.name=" + options.NodeName.Value));
        _podWorker = Work<string>(
            SyncPod, parallel: int.MaxValue, retry: new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(2)));
        _duties = Work<Duty>(Do, parallel: 2, retry: new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(7)));
        Every(options.LeasePeriod);
    }

    private enum Duty
    {
        RenewLease,
        ReportNode,
    }

    /// <inheritdoc/>
    private protected override void OnSynced() => OnPeriod();

    /// <inheritdoc/>
    private protected override void OnPeriod()
    {
        _duties.Add(Duty.RenewLease);
        _duties.Add(Duty.ReportNode);
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _nodeObject || change.Object is not Pod pod)
        {
            return;
        }

        if (!_pods.TryGetValue(pod.Uid, out var running))
        {
            _pods.Add(pod.Uid, running = new RunningPod(pod));
        }

        running.Object = pod;
        running.IsGone = change.After is null;
        _podWorker.Add(pod.Uid);
    }

    /// <inheritdoc/>
    private protected override long AnsweredCall(AgentEvent happened) => happened is DeviceAnswered answered ? answered.Call : 0;

    private IEnumerable<Awaited> Do(Duty duty) => duty == Duty.RenewLease ? RenewLease() : ReportNode();

    private IEnumerable<Awaited> RenewLease()
    {
        var node = _nodeObject.Find(_nodeKey) as Node;
        var body = _report.Lease(_lease, node, Now);
        var key = new ObjectKey(NodeReport.LeaseNamespace, _options.NodeName.Value);
        var write = new ClusterCall(_lease is null
            ? new ClusterRequest.Create(ResourceTypes.Leases, key.Namespace, body)
            : new ClusterRequest.Replace(ResourceTypes.Leases, key, body));
        yield return write;
        if (write.Succeeded)
        {
            _lease = write.Object;
            yield break;
        }

        // There is one already, or ours is not the newest: read it, and renew that.
        var read = new ClusterCall(new ClusterRequest.Get(ResourceTypes.Leases, key));
        yield return read;
        _lease = read.Succeeded ? read.Object : read.NotFound ? null : _lease;
        yield return TryAgain.Later;
    }

    private IEnumerable<Awaited> ReportNode()
    {
        var node = _nodeObject.Find(_nodeKey) as Node;
        if (node is null && (_isRegistered || !_options.RegistersNode))
        {
            // A kubelet registers once: a Node that is deleted comes back when the kubelet is started again.
            yield break;
        }

        if (node is null)
        {
            var create = new ClusterCall(new ClusterRequest.Create(ResourceTypes.Nodes, "", _report.Node()));
            yield return create;
            node = create.Object as Node;
            if (node is null)
            {
                yield return TryAgain.Later;
            }
        }
        else if (!_isRegistered)
        {
            var label = new ClusterCall(new ClusterRequest.Patch(
                ResourceTypes.Nodes, _nodeKey, JsonMap.Of(("metadata", JsonMap.Of(("labels", _report.Labels))))));
            yield return label;
            if (label.Failed)
            {
                yield return TryAgain.Later;
            }
        }
        else if (NodeReport.IsReady(node) && Now < _statusDueAt)
        {
            yield break;
        }

        _isRegistered = true;
        var status = new ClusterCall(new ClusterRequest.Patch(
            ResourceTypes.Nodes, _nodeKey, JsonMap.Of(("status", _report.Status(node, Now))), "status"));
        yield return status;
        if (status.Failed)
        {
            yield return TryAgain.Later;
        }

        _statusDueAt = Now + _options.StatusPeriod;
    }

    private string NextAddress()
    {
        _addresses++;
        return _options.PodNetwork + "." + (((_addresses - 1) % 253) + 2).ToString(CultureInfo.InvariantCulture);
    }

    private sealed class RunningPod(Pod pod)
    {
        public Pod Object { get; set; } = pod;

        public bool IsGone { get; set; }

        public bool HasStarted { get; set; } = pod.Phase == "Running";

        public string Address { get; set; } = pod.Tree.At("status", "podIP") is JsonText address ? address.Value : "";

        public string LastProblem { get; set; } = "";

        public Instant ProblemSaidAt { get; set; }
    }
}
