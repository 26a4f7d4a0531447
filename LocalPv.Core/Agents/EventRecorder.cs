using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Tells people what happened, on the object it happened to. Best effort: an event that cannot be written is dropped. The same news about
/// the same object is one Event object, written again at most every few minutes with its count; <see cref="EventLimits"/> bounds the rest.
/// </summary>
internal sealed class EventRecorder(Calls calls, string component, string host, TimeSpan timeout)
{
    /// <summary>An object gets the same news again after this time at the earliest.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    /// <summary>
    /// News that has not been written for so long begins anew: its Event object goes by itself (kube-apiserver keeps each for an hour
    /// after its last write).
    /// </summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(50);

    private const int RememberedMax = 1000;
    private const int InFlightMax = 10;
    private const int MessageLengthMax = 1024;

    private const string CombinedPrefix = "(combined from similar events): ";

    private readonly EventLimits _limits = new();
    private readonly SortedDictionary<string, News> _news = new(StringComparer.Ordinal);
    private int _inFlight;

    internal void Normal(KubernetesObject about, string reason, string message) => Tell(about, "Normal", reason, message);

    internal void Warning(KubernetesObject about, string reason, string message) => Tell(about, "Warning", reason, message);

    private void Tell(KubernetesObject about, string type, string reason, string message)
    {
        var now = calls.Now;
        var isCombined = _limits.IsCombined(now, about.Uid, reason, message);
        var name = NameOf(about, reason, isCombined ? CombinedPrefix : message);
        message = isCombined ? CombinedPrefix + message : message;
        message = message.Length <= MessageLengthMax ? message : message[..MessageLengthMax];
        if (_news.TryGetValue(name, out var known) && now - known.Last < Quiet)
        {
            known.Count++;
            return;
        }

        if (_inFlight >= InFlightMax || !_limits.TryTake(now, about.Uid))
        {
            return;
        }

        if (known is null || now - known.Last > Forgotten)
        {
            Forget(now);
            known = new News { First = now };
            _news[name] = known;
        }

        known.Count++;
        known.Last = now;
        Write(about, type, reason, message, name, known);
    }

    private void Write(KubernetesObject about, string type, string reason, string message, string name, News news)
    {
        var space = about.Namespace.Length > 0 ? about.Namespace : "default";
        _inFlight++;
        if (news.Written)
        {
            var update = JsonMap.Of(("count", news.Count), ("lastTimestamp", news.Last.ToRfc3339()), ("message", message));
            calls.Cluster(new ClusterRequest.Patch(ResourceTypes.Events, new ObjectKey(space, name), update), timeout, outcome =>
            {
                _inFlight--;
                if (outcome.Kind == OutcomeKind.NotFound)
                {
                    // It has gone by itself, as one that another life of this process wrote long ago, or somebody has deleted it.
                    news.Written = false;
                    Write(about, type, reason, message, name, news);
                }
            });
            return;
        }

        var body = Body(about, type, reason, message, new ObjectKey(space, name), news);
        calls.Cluster(new ClusterRequest.Create(ResourceTypes.Events, space, body), timeout, outcome =>
        {
            _inFlight--;
            news.Written = outcome.Kind is OutcomeKind.Done or OutcomeKind.AlreadyExists;
        });
    }

    private JsonMap Body(KubernetesObject about, string type, string reason, string message, ObjectKey key, News news) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Event"),
        ("metadata", JsonMap.Of(("name", key.Name), ("namespace", key.Namespace))),
        ("involvedObject", JsonMap.Of(
            ("apiVersion", about.Type.ApiVersion),
            ("kind", about.Type.Kind),
            ("namespace", about.Namespace.Length > 0 ? about.Namespace : null),
            ("name", about.Name),
            ("uid", about.Uid),
            ("resourceVersion", about.ResourceVersion))),
        ("reason", reason),
        ("message", message),
        ("type", type),
        ("count", news.Count),
        ("firstTimestamp", news.First.ToRfc3339()),
        ("lastTimestamp", news.Last.ToRfc3339()),
        ("source", JsonMap.Of(("component", component), ("host", host.Length > 0 ? host : null))),
        ("reportingComponent", component),
        ("reportingInstance", host));

    private void Forget(Instant now)
    {
        if (_news.Count < RememberedMax)
        {
            return;
        }

        foreach (var name in _news.Where(entry => now - entry.Value.Last >= Quiet).Select(entry => entry.Key).ToArray())
        {
            _news.Remove(name);
        }

        if (_news.Count >= RememberedMax)
        {
            _news.Clear();
        }
    }

    // The same news has the same name, so that an agent that restarts finds its own event instead of writing it again.
    private static string NameOf(KubernetesObject about, string reason, string message)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{about.Uid}\n{reason}\n{message}"));
        var prefix = about.Name.Length <= 200 ? about.Name : about.Name[..200].TrimEnd('.', '-');
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}");
    }

    private sealed class News
    {
        internal required Instant First { get; init; }

        internal Instant Last { get; set; }

        internal long Count { get; set; }

        internal bool Written { get; set; }
    }
}
