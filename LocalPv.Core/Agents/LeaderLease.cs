using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Elects one of several processes by a Lease object. Rests on no clock but its own: another's lease has run out when it has not changed
/// for the lease's duration while we watched it, whatever times are written in it. All writes are guarded by the version that was read.
/// </summary>
internal sealed class LeaderLease(Calls calls, ClusterAgentOptions options)
{
    private readonly ObjectKey _key = new(options.LeaseNamespace, options.LeaseName);
    private KubernetesObject? _known;
    private Instant _knownSince;
    private Instant _heldSince;
    private Instant _renewedAt;
    private bool _holds;
    private bool _inFlight;
    private bool _mustRead;
    private int _failures;
    private Instant _next = Instant.Epoch;

    /// <summary>When <see cref="Tick"/> wants to be called.</summary>
    internal Instant Deadline => _inFlight ? Instant.Never : _next;

    /// <summary>Whether this process may act now.</summary>
    internal bool IsLeader => _holds && calls.Now - _renewedAt < options.RenewDeadline;

    /// <summary>Who holds the Lease as far as is known; empty where nobody does.</summary>
    internal string Holder => Spec.Text("holderIdentity") ?? "";

    private JsonMap Spec => _known?.Tree.Map("spec") ?? JsonMap.Empty;

    /// <summary>Looks at the time: reads, renews or takes over.</summary>
    internal void Tick()
    {
        if (_inFlight || calls.Now < _next)
        {
            return;
        }

        // Who leads knows what the Lease says, and the guard refuses where that is wrong: renewing needs no look first (as client-go does).
        if (IsLeader && !_mustRead && _known is { } own && Holder == options.Identity)
        {
            Write(new ClusterRequest.Replace(ResourceTypes.Leases, _key, own.Tree.With("spec", NewSpec())));
            return;
        }

        Read();
    }

    private void Read()
    {
        _inFlight = true;
        _mustRead = false;
        calls.Cluster(new ClusterRequest.Get(ResourceTypes.Leases, _key), options.ApiTimeout, OnRead);
    }

    private void OnRead(Outcome<ClusterAnswer> outcome)
    {
        _inFlight = false;
        if (outcome.TryGetValue(out var answer) && answer.Object is { } lease)
        {
            if (_known is null || _known.ResourceVersion != lease.ResourceVersion)
            {
                _known = lease;
                _knownSince = calls.Now;
            }

            _holds = _holds && Holder == options.Identity;
            if (Holder == options.Identity || Holder.Length == 0 || calls.Now - _knownSince >= Duration())
            {
                Write(new ClusterRequest.Replace(ResourceTypes.Leases, _key, lease.Tree.With("spec", NewSpec())));
                return;
            }

            _failures = 0;
        }
        else if (outcome.Kind == OutcomeKind.NotFound)
        {
            _known = null;
            _holds = false;
            Write(new ClusterRequest.Create(ResourceTypes.Leases, options.LeaseNamespace, JsonMap.Of(
                ("apiVersion", ResourceTypes.Leases.ApiVersion),
                ("kind", ResourceTypes.Leases.Kind),
                ("metadata", JsonMap.Of(("name", _key.Name), ("namespace", _key.Namespace))),
                ("spec", NewSpec()))));
            return;
        }
        else
        {
            _failures++;
        }

        Schedule();
    }

    private void Write(ClusterRequest request)
    {
        _inFlight = true;
        var sent = calls.Now;
        calls.Cluster(request, options.ApiTimeout, outcome =>
        {
            _inFlight = false;
            if (outcome.TryGetValue(out var answer) && answer.Object is { } lease)
            {
                _heldSince = _holds ? _heldSince : sent;
                _known = lease;
                _knownSince = calls.Now;
                _holds = true;
                _failures = 0;

                // From before the request was sent: the others count from when they see it, which is later.
                _renewedAt = sent;
            }
            else
            {
                _failures++;
                _mustRead = true;
            }

            Schedule();
        });
    }

    private JsonMap NewSpec()
    {
        var isOurs = _holds && Holder == options.Identity;
        // An int32 of the API; what somebody else wrote there must not stop the election.
        var before = Math.Clamp(Spec.Number("leaseTransitions") ?? 0, 0, int.MaxValue - 1);
        var transitions = before + (isOurs || Holder.Length == 0 ? 0 : 1);
        return JsonMap.Of(
            ("holderIdentity", options.Identity),
            ("leaseDurationSeconds", (long)options.LeaseDuration.TotalSeconds),
            ("acquireTime", (isOurs ? _heldSince : calls.Now).ToRfc3339Micro()),
            ("renewTime", calls.Now.ToRfc3339Micro()),
            ("leaseTransitions", transitions));
    }

    private TimeSpan Duration() =>
        Spec.Number("leaseDurationSeconds") is { } seconds and > 0 and <= 3600 ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;

    // Spread, so that several that wait do not all try in the same moment.
    private void Schedule() => _next = calls.Now + new Backoff(options.LeaseRetry, options.LeaseRetry).After(
        1, unchecked(options.Spread + (ulong)_failures + (ulong)(calls.Now.TicksSinceEpoch / TimeSpan.TicksPerSecond)));
}
