using System.Diagnostics;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// What provisioning takes, as the agents see it: their own part, from the delivery of a claim that they are to provision to the moment
/// when the volume is sent, and apart from it what the API server took to answer meanwhile and then to make the volume. Any thread.
/// </summary>
internal sealed class AgentWaits
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Open> _open = [];
    private readonly List<(TimeSpan Own, TimeSpan Server)> _done = [];

    /// <summary>The API server as the agent of <paramref name="node"/> has it.</summary>
    public IClusterApi Around(IClusterApi api, NodeName node) => new Timed(this, api, node);

    /// <summary>Half of the claims waited less for an agent itself.</summary>
    public TimeSpan Median
    {
        get
        {
            lock (_gate)
            {
                return At(_done.Select(wait => wait.Own), 0.5);
            }
        }
    }

    /// <summary>What it was, for people; begins anew.</summary>
    public string Take()
    {
        lock (_gate)
        {
            var text = $"agents' own part, {_done.Count} claims: {Text(_done.Select(wait => wait.Own))}; "
                + $"the API server's answers to them: {Text(_done.Select(wait => wait.Server))}";
            _done.Clear();
            _open.Clear();
            return text;
        }
    }

    private static string Text(IEnumerable<TimeSpan> waits) => FormattableString.Invariant(
        $"median {At(waits, 0.5).TotalMilliseconds:0.0} ms, 95th percentile {At(waits, 0.95).TotalMilliseconds:0.0} ms");

    private static TimeSpan At(IEnumerable<TimeSpan> waits, double part)
    {
        var sorted = waits.Order().ToList();
        return sorted[(int)(part * (sorted.Count - 1))];
    }

    private void Delivered(PersistentVolumeClaim claim)
    {
        lock (_gate)
        {
            _open.TryAdd(claim.Key, new Open(claim.Uid, Stopwatch.GetTimestamp(), TimeSpan.Zero));
        }
    }

    private void Answered(ClusterRequest request, long sent, TimeSpan took)
    {
        lock (_gate)
        {
            if (request is ClusterRequest.Get get && _open.TryGetValue(get.Key, out var asked))
            {
                _open[get.Key] = asked with { Server = asked.Server + took };
            }
            else if (request is ClusterRequest.Create { Type.Kind: "PersistentVolume" } create)
            {
                var uid = new PersistentVolume(create.Body).ClaimUid;
                if (_open.FirstOrDefault(entry => entry.Value.Uid == uid) is { Value: { } open } found && _open.Remove(found.Key))
                {
                    _done.Add((Stopwatch.GetElapsedTime(open.Since, sent) - open.Server, open.Server + took));
                }
            }
        }
    }

    private sealed record Open(string Uid, long Since, TimeSpan Server);

    private sealed class Timed(AgentWaits waits, IClusterApi inner, NodeName node) : IClusterApi
    {
        public async ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
        {
            var sent = Stopwatch.GetTimestamp();
            var outcome = await inner.SendAsync(request, cancellationToken);
            waits.Answered(request, sent, Stopwatch.GetElapsedTime(sent));
            return outcome;
        }

        public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver) => inner.Watch(request, signal =>
        {
            var told = signal switch
            {
                WatchSignal.Added added => added.Object,
                WatchSignal.Modified modified => modified.Object,
                _ => null,
            };
            // The agent's turn comes when the controller of volumes has said who is to provision it, which may be after the scheduler.
            if (told is PersistentVolumeClaim { VolumeName.Length: 0, Provisioner: WellKnown.DefaultProvisioner } claim
                && claim.SelectedNode == node.Value)
            {
                waits.Delivered(claim);
            }

            deliver(signal);
        });
    }
}
