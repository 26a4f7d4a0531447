using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>
/// Writes Events as client-go's recorder does: the same event about the same object again counts up the Event that is there, or
/// makes it anew where it is gone, and an object gets at most 25 in a burst and one more every 5 minutes. Nobody waits for them, and a lost
/// one is not written again.
/// </summary>
/// <remarks>Not modelled: the aggregation of similar messages ("combined from similar events").</remarks>
internal sealed class EventRecorder(ControllerAgent agent, string component, bool isOn)
{
    // client-go/tools/record/events_cache.go: defaultSpamBurst, defaultSpamQPS = 1/300, maxLruCacheEntries.
    private const int Burst = 25;
    private const int RememberedMax = 4096;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string Object, string Reason, string Message), Written> _written = [];
    private readonly Queue<(string Object, string Reason, string Message)> _order = new();
    private readonly Dictionary<string, Allowance> _allowances = [];
    private long _sequence;

    internal void Normal(KubernetesObject about, string reason, string message) => Write(about, "Normal", reason, message);

    internal void Warning(KubernetesObject about, string reason, string message) => Write(about, "Warning", reason, message);

    private void Write(KubernetesObject about, string type, string reason, string message)
    {
        if (!isOn || !IsAllowed(about))
        {
            return;
        }

        var time = agent.Now.ToRfc3339();
        var identity = (about.Type.Kind + "/" + about.Key + "/" + about.Uid, reason, message);
        if (_written.TryGetValue(identity, out var earlier))
        {
            earlier.Count++;
            var update = new ClusterCall(new ClusterRequest.Patch(
                ResourceTypes.Events, earlier.Key, JsonMap.Of(("count", earlier.Count), ("lastTimestamp", time))));
            var anew = Body(about, earlier.Key, type, reason, message, earlier.First)
                .With("lastTimestamp", time).With("count", earlier.Count);
            agent.Await(update, new Anew(agent, update, anew));
            return;
        }

        var key = new ObjectKey(about.Namespace.Length > 0 ? about.Namespace : "default", NameOf(about));
        Remember(identity, new Written(key, time));
        agent.Await(Creation(Body(about, key, type, reason, message, time)), null);
    }

    private static ClusterCall Creation(JsonMap body) => new(new ClusterRequest.Create(
        ResourceTypes.Events, body.Map("metadata")!.Text("namespace")!, body));

    private JsonMap Body(KubernetesObject about, ObjectKey key, string type, string reason, string message, string time) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Event"),
        ("metadata", JsonMap.Of(("name", key.Name), ("namespace", key.Namespace))),
        ("involvedObject", JsonMap.Of(
            ("kind", about.Type.Kind),
            ("namespace", about.Namespace.Length > 0 ? about.Namespace : null),
            ("name", about.Name),
            ("uid", about.Uid),
            ("apiVersion", about.Type.ApiVersion),
            ("resourceVersion", about.ResourceVersion))),
        ("reason", reason),
        ("message", message),
        ("source", JsonMap.Of(("component", component))),
        ("firstTimestamp", time),
        ("lastTimestamp", time),
        ("count", 1),
        ("type", type),
        ("reportingComponent", component),
        ("reportingInstance", ""));

    // client-go names an Event after its object and the nanoseconds of the clock; two in one tick of ours would collide, so a count is
    // mixed in.
    private string NameOf(KubernetesObject about) => about.Name + "."
        + ((Int128)agent.Now.TicksSinceEpoch * 100 + (_sequence++ % 100)).ToString("x", CultureInfo.InvariantCulture);

    private bool IsAllowed(KubernetesObject about)
    {
        var identity = about.Uid.Length > 0 ? about.Uid : about.Key.ToString();
        if (!_allowances.TryGetValue(identity, out var allowance))
        {
            if (_allowances.Count >= RememberedMax)
            {
                _allowances.Clear();
            }

            allowance = new Allowance(agent.Now);
            _allowances.Add(identity, allowance);
        }

        return allowance.TryTake(agent.Now);
    }

    private void Remember((string Object, string Reason, string Message) identity, Written written)
    {
        _written.Add(identity, written);
        _order.Enqueue(identity);
        if (_order.Count > RememberedMax)
        {
            _written.Remove(_order.Dequeue());
        }
    }

    // What is counted up may have gone by itself meanwhile.
    private sealed class Anew(ControllerAgent agent, ClusterCall update, JsonMap body) : IResumable
    {
        public void Resume()
        {
            if (update.NotFound)
            {
                agent.Await(Creation(body), null);
            }
        }
    }

    private sealed class Written(ObjectKey key, string first)
    {
        public ObjectKey Key { get; } = key;

        public string First { get; } = first;

        public long Count { get; set; } = 1;
    }

    private sealed class Allowance(Instant since)
    {
        private int _left = Burst;
        private Instant _since = since;

        public bool TryTake(Instant now)
        {
            var earned = (now - _since).Ticks / Refill.Ticks;
            if (earned > 0)
            {
                _left = (int)Math.Min(Burst, _left + earned);
                _since += TimeSpan.FromTicks(earned * Refill.Ticks);
            }

            if (_left == 0)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
