using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.World;

/// <summary>How an API server misbehaves: the failure of a request, and the end of a watch with the time that it lasts.</summary>
internal sealed record Weather(
    string Name,
    Func<ClusterRequest, (OutcomeKind Kind, TimeSpan? RetryAfter)?> Fails,
    (OutcomeKind Kind, TimeSpan Lasts)? WatchesEnd = null)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// One agent and an API server in virtual time, each answer a millisecond after its question, and the moments at which anything was asked.
/// Watches bring bookmarks, and nothing else.
/// </summary>
internal sealed class Storm(
    IAgent agent, FakeApiServer server, INodeStorage storage, Weather weather, Func<KubernetesObject, KubernetesObject>? garble = null)
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromSeconds(60);

    private readonly PriorityQueue<AgentEvent, (Instant, long)> _due = new();
    private readonly SortedSet<long> _open = [];
    private Instant _alarm = Instant.Never;
    private Instant _now = Instant.Epoch + TimeSpan.FromDays(365 * 50);
    private long _sequence;

    /// <summary>When something was asked of the API server, watches included.</summary>
    internal List<(Instant At, string What)> Asked { get; } = [];

    /// <summary>Lets so much time pass; fails where the agent asks for more than <paramref name="most"/> in it.</summary>
    internal void Run(TimeSpan duration, int most)
    {
        var end = _now + duration;
        if (_sequence == 0)
        {
            Later(new AgentEvent.Started(), TimeSpan.Zero);
        }

        while (Next() is { } next && next <= end)
        {
            _now = Instant.Max(_now, next);
            Step(Take());
            Assert.True(Asked.Count <= most, $"{weather}: a hot loop: {string.Join("; ", Asked.TakeLast(6).Select(asked => asked.What))}");
        }

        _now = end;
    }

    private Instant? Next()
    {
        var first = _due.TryPeek(out _, out var at) ? Instant.Min(at.Item1, _alarm) : _alarm;
        return first == Instant.Never ? null : first;
    }

    private AgentEvent Take()
    {
        if (_due.TryPeek(out _, out var at) && at.Item1 <= _alarm)
        {
            return _due.Dequeue();
        }

        _alarm = Instant.Never;
        return new AgentEvent.Woke();
    }

    private void Step(AgentEvent happened)
    {
        if (happened is AgentEvent.WatchDelivered delivered)
        {
            if (!_open.Contains(delivered.Watch))
            {
                return;
            }

            if (delivered.Signal is WatchSignal.Bookmark)
            {
                Later(delivered, BookmarkPeriod);
            }
        }

        foreach (var effect in agent.Step(_now, happened))
        {
            Carry(effect);
        }
    }

    private void Carry(Effect effect)
    {
        switch (effect)
        {
            case Effect.WakeAt wake:
                _alarm = wake.Moment;
                break;
            case Effect.CallCluster call:
                Asked.Add((_now, call.Request.ToString()));
                var outcome = weather.Fails(call.Request) is { } failure
                    ? Outcome.Failed<ClusterAnswer>(failure.Kind, "storm", failure.RetryAfter)
                    : Garbled(server.Send(_now, call.Request));
                Later(new AgentEvent.ClusterAnswered(call.Call, call.Request, outcome), Latency);
                break;
            case Effect.OpenWatch open:
                Asked.Add((_now, open.Request.ToString()));
                _open.Add(open.Watch);
                if (weather.WatchesEnd is { } ending)
                {
                    Later(new AgentEvent.WatchDelivered(open.Watch, new WatchSignal.Closed(ending.Kind, "storm")), Latency + ending.Lasts);
                }
                else
                {
                    var bookmark = new WatchSignal.Bookmark(open.Request.ResourceVersion);
                    Later(new AgentEvent.WatchDelivered(open.Watch, bookmark), BookmarkPeriod);
                }

                break;
            case Effect.CloseWatch close:
                _open.Remove(close.Watch);
                break;
            case Effect.CallStorage call:
                var running = storage.RunAsync(call.Request, CancellationToken.None);
                var answer = running.IsCompletedSuccessfully
                    ? running.Result
                    : throw new InvalidOperationException($"The fake LVM took its time for {call.Request}.");
                Later(new AgentEvent.StorageAnswered(call.Call, call.Request, answer), Latency);
                break;
            default:
                throw new NotSupportedException(effect.ToString());
        }
    }

    private Outcome<ClusterAnswer> Garbled(Outcome<ClusterAnswer> outcome) =>
        garble is null || !outcome.TryGetValue(out var answer)
            ? outcome
            : Outcome.Done(answer with
            {
                Object = answer.Object is { } single ? garble(single) : null,
                Items = [.. answer.Items.Select(garble)],
            });

    private void Later(AgentEvent happened, TimeSpan wait) => _due.Enqueue(happened, (_now + wait, _sequence++));
}
