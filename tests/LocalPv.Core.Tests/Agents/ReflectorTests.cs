using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using Outcome = LocalPv.Core.Outcomes.Outcome;

namespace LocalPv.Core.Tests.Agents;

public sealed class ReflectorTests
{
    private static readonly ResourceType Type = ResourceTypes.Nodes;

    [Fact]
    public void Reflector_AnyFaultsThenQuiet_HasExactlyTheServersObjects()
    {
        var steps = from kind in Gen.Choose(0, 11) from item in Gen.Choose(0, 5) select (kind, item);
        Prop.ForAll(Arb.From(Gen.ListOf(steps)), plan =>
        {
            var world = new World(pageSize: 2);
            foreach (var (kind, item) in plan)
            {
                world.Do(kind, "n" + item);
            }

            world.Heal();
            Assert.Equal(world.Truth(), world.Copy());
            Assert.Equal(world.Truth(), world.Told());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Reflector_DeletionInAGap_IsReported()
    {
        var world = new World();
        world.Do(0, "n1");
        world.Heal();
        world.Faults.Add(() => Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "down"));
        world.Do(7, "");
        world.Do(2, "n1");
        world.Do(9, "");
        world.Heal();
        Assert.DoesNotContain("n1", string.Join(" ", world.Told()));
    }

    [Fact]
    public void Reflector_WatchThatIsClosedAtOnce_IsNotOpenedInAHotLoop()
    {
        var world = new World { ClosesWatchesAtOnce = true };
        world.Run(TimeSpan.FromMinutes(1));
        Assert.InRange(world.Requests, 3, 20);
    }

    [Fact]
    public void Reflector_ServerThatIsDown_IsAskedLessAndLess()
    {
        var world = new World();
        world.Heal();
        world.IsDown = true;
        world.Do(9, "");
        var before = world.Requests;
        world.Run(TimeSpan.FromMinutes(5));
        Assert.InRange(world.Requests - before, 8, 25);
    }

    [Fact]
    public void Reflector_OlderListOfALaggingServer_IsNotTaken()
    {
        var world = new World();
        world.Do(0, "n1");
        world.Heal();
        var old = world.Server.Send(world.Now, new ClusterRequest.List(Type, ObjectSelector.Everything));
        world.Do(0, "n2");
        world.Heal();
        world.Faults.Add(() => old);
        world.Do(9, "");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Contains(world.Copy(), name => name.StartsWith("n2@", StringComparison.Ordinal));
    }

    [Fact]
    public void Reflector_ServerThatStaysBehind_IsBelievedInTheEnd()
    {
        var world = new World();
        world.Do(0, "n1");
        world.Heal();
        var restored = new FakeApiServer(new FakeApiServerOptions { Namespaces = [] });
        world.Server = restored;
        world.Do(9, "");
        world.Run(TimeSpan.FromMinutes(10));
        Assert.Equal(world.Truth(), world.Copy());
    }

    // As after a restore of etcd: the version that is watched from has not been reached yet, and nothing ends.
    [Fact]
    public void Reflector_WatchThatStaysSilent_IsListedAgain()
    {
        var world = new World();
        world.Do(0, "n1");
        world.Heal();
        world.Do(10, "");
        world.Do(2, "n1");
        world.Server = new FakeApiServer(new FakeApiServerOptions { Namespaces = [] });
        world.StaysSilent = true;
        world.Run(TimeSpan.FromMinutes(15));
        Assert.Equal(world.Truth(), world.Copy());
    }

    [Fact]
    public void Reflector_KeepPredicate_DropsWhatNoLongerPassesAndTellsSo()
    {
        var world = new World(keep: item => item.Label("keep") != "no");
        world.Do(0, "n1");
        world.Heal();
        world.Patch("n1", JsonMap.Of(("metadata", JsonMap.Of(("labels", JsonMap.Of(("keep", "no")))))));
        world.Heal();
        Assert.DoesNotContain(world.Told(), name => name.StartsWith("n1@", StringComparison.Ordinal));
        Assert.Equal(world.Told(), world.Copy());
    }

    [Fact]
    public void Learn_OwnWrite_IsSeenAtOnceAndAnOldOneIsNot()
    {
        var world = new World();
        world.Do(0, "n1");
        world.Heal();
        var old = world.Server.Find(Type, ObjectKey.ClusterScoped("n1"))!;
        world.Patch("n1", JsonMap.Of(("metadata", JsonMap.Of(("labels", JsonMap.Of(("a", "b")))))));
        var written = world.Server.Find(Type, ObjectKey.ClusterScoped("n1"))!;
        world.Learn(written);
        world.Learn(old);
        Assert.Contains($"n1@{written.ResourceVersion}", world.Copy());
    }

    /// <summary>One reflector and its server; faults by number.</summary>
    private sealed class World
    {
        private readonly Reflector _reflector;
        private readonly List<ObjectChange> _changes = [];
        private readonly SortedDictionary<string, string> _told = new(StringComparer.Ordinal);
        private readonly SortedDictionary<long, FakeWatch> _watches = [];
        private readonly Queue<AgentEvent> _inbox = new();
        private readonly List<WatchSignal> _heard = [];
        private long _watch;

        internal World(int pageSize = 500, Func<KubernetesObject, bool>? keep = null)
        {
            _reflector = new Reflector(
                Type, ObjectSelector.Everything, new CallNumbers(), new ReflectorOptions { PageSize = pageSize }, keep);
            Apply(effects => _reflector.Start(Now, effects));
        }

        internal Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromDays(1);

        internal FakeApiServer Server { get; set; } = new(new FakeApiServerOptions());

        internal List<Func<Outcome<ClusterAnswer>>> Faults { get; } = [];

        internal bool ClosesWatchesAtOnce { get; init; }

        internal bool IsDown { get; set; }

        internal bool StaysSilent { get; set; }

        internal int Requests { get; private set; }

        internal IEnumerable<string> Truth() => Server.Snapshot(Type).Select(item => $"{item.Name}@{item.ResourceVersion}");

        internal IEnumerable<string> Copy() => _reflector.Objects.Values.Select(item => $"{item.Name}@{item.ResourceVersion}");

        internal IEnumerable<string> Told() => _told.Select(entry => $"{entry.Key}@{entry.Value}");

        internal void Patch(string name, JsonMap change) =>
            Assert.True(Server.Send(Now, new ClusterRequest.Patch(Type, ObjectKey.ClusterScoped(name), change)).IsDone);

        internal void Learn(KubernetesObject item)
        {
            _reflector.Learn(item, _changes);
            Note();
        }

        /// <summary>One step of a plan: a change, some progress, or a fault.</summary>
        internal void Do(int kind, string name)
        {
            switch (kind)
            {
                case 0:
                    Server.Send(Now, new ClusterRequest.Create(Type, "", JsonMap.Of(("metadata", JsonMap.Of(("name", name))))));
                    break;
                case 1:
                    Server.Send(Now, new ClusterRequest.Patch(Type, ObjectKey.ClusterScoped(name), JsonMap.Of(
                        ("metadata", JsonMap.Of(("labels", JsonMap.Of(("at", Now.TicksSinceEpoch.ToString(
                            System.Globalization.CultureInfo.InvariantCulture)))))))));
                    break;
                case 2:
                    Server.Send(Now, new ClusterRequest.Delete(Type, ObjectKey.ClusterScoped(name)));
                    break;
                case 3 or 4:
                    Turn();
                    break;
                case 5:
                    Run(TimeSpan.FromSeconds(3));
                    break;
                case 6:
                    Faults.Add(() => Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "down"));
                    break;
                case 7:
                    Close(OutcomeKind.Done);
                    break;
                case 8:
                    Close(OutcomeKind.Unavailable);
                    break;
                case 9:
                    Close(OutcomeKind.Expired);
                    break;
                case 10:
                    // The connection hangs: nothing comes any more, not even its end.
                    _watches.Clear();
                    break;
                default:
                    foreach (var signal in _heard.TakeLast(3).ToArray())
                    {
                        _inbox.Enqueue(new AgentEvent.WatchDelivered(_watch, signal));
                    }

                    break;
            }
        }

        internal void Heal()
        {
            Faults.Clear();
            Run(TimeSpan.FromMinutes(10));
        }

        internal void Run(TimeSpan duration)
        {
            for (var end = Now + duration; Now < end; Now += TimeSpan.FromMilliseconds(500))
            {
                while (Turn())
                {
                }

                Apply(effects => _reflector.Tick(Now, effects));
            }
        }

        private bool Turn()
        {
            if (_inbox.Count == 0)
            {
                foreach (var (number, watch) in _watches.ToArray())
                {
                    while (watch.TryRead(Now, out var signal))
                    {
                        _heard.Add(signal);
                        _inbox.Enqueue(new AgentEvent.WatchDelivered(number, signal));
                    }
                }
            }

            if (!_inbox.TryDequeue(out var happened))
            {
                return false;
            }

            Apply(effects => _reflector.TryHandle(Now, happened, effects, _changes));
            return true;
        }

        private void Close(OutcomeKind kind)
        {
            _watches.Remove(_watch);
            _inbox.Enqueue(new AgentEvent.WatchDelivered(_watch, new WatchSignal.Closed(kind, "closed")));
        }

        private void Apply(Action<ImmutableArray<Effect>.Builder> act)
        {
            var effects = ImmutableArray.CreateBuilder<Effect>();
            act(effects);
            Note();
            foreach (var effect in effects)
            {
                Carry(effect);
            }
        }

        private void Note()
        {
            foreach (var change in _changes)
            {
                if (change.Before is null)
                {
                    Assert.False(_told.ContainsKey(change.Object.Name), "added twice");
                }

                if (change.After is { } after)
                {
                    _told[after.Name] = after.ResourceVersion;
                }
                else
                {
                    Assert.True(_told.Remove(change.Object.Name), "removed twice");
                }
            }

            _changes.Clear();
        }

        private void Carry(Effect effect)
        {
            switch (effect)
            {
                case Effect.CallCluster call:
                    Requests++;
                    var outcome = IsDown ? Outcome.Failed<ClusterAnswer>(OutcomeKind.Unavailable, "down") : Server.Send(Now, call.Request);
                    if (Faults.Count > 0)
                    {
                        outcome = Faults[0]();
                        Faults.RemoveAt(0);
                    }

                    _inbox.Enqueue(new AgentEvent.ClusterAnswered(call.Call, call.Request, outcome));
                    break;
                case Effect.OpenWatch open:
                    Requests++;
                    _watch = open.Watch;
                    if (!StaysSilent)
                    {
                        _watches[open.Watch] = Server.OpenWatch(Now, open.Request);
                    }

                    if (ClosesWatchesAtOnce)
                    {
                        Close(OutcomeKind.Done);
                    }

                    break;
                case Effect.CloseWatch close:
                    _watches.Remove(close.Watch);
                    break;
            }
        }
    }
}
