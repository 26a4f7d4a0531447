using FsCheck;
using FsCheck.Fluent;
using LocalPv.Contracts;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C35 to C40 and C43 to C45: watches.</summary>
public sealed class ConformanceWatches : ApiServerTests
{
    [Fact]
    public void C35_WatchFromAList_AnyWritesAndReads_NeitherGapNorDuplicate() =>
        Prop.ForAll(
            Gen.Choose(0, 3).Two().Zip(Gen.Choose(0, 4)).ListOf().ToArbitrary(),
            steps =>
            {
                var test = new ConformanceWatches();
                test.Create(ResourceTypes.Nodes, "{'metadata':{'name':'n0'}}");
                var copy = test.List(ResourceTypes.Nodes).Items.ToDictionary(item => item.Name);
                var watch = test.Watch(ResourceTypes.Nodes, test.List(ResourceTypes.Nodes).ResourceVersion);
                var last = test.Server.Revision;
                foreach (var ((which, _), what) in steps)
                {
                    test.Touch("n" + which, what);
                    if (what == 4)
                    {
                        last = Follow(test, watch, copy, last);
                    }
                }

                Follow(test, watch, copy, last);
                var now = test.List(ResourceTypes.Nodes).Items;
                return now.Length == copy.Count && now.All(item => ReferenceEquals(copy.GetValueOrDefault(item.Name), item));
            }).Check(Tries.Of(100));

    [Fact]
    public void C36_WatchWithoutVersionOrFromZero_ThePresentObjectsFirst()
    {
        Node("a");
        Node("b");
        Node("a", "{'labels':{'x':'y'}}");
        foreach (var version in new[] { "", "0" })
        {
            var watch = Watch(ResourceTypes.Nodes, version);
            Assert.Equal("+a +b", Told(watch));
            Node(version.Length == 0 ? "c" : "d");
            Assert.Equal(version.Length == 0 ? "+c" : "+d", Told(watch));
            Send(new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped(version.Length == 0 ? "c" : "d")));
        }
    }

    [Fact]
    public void C36_SendInitialEvents_ABookmarkMarksTheirEnd()
    {
        Node("a");
        Server.Kinds.TryFind(ResourceTypes.Nodes, out var kind);
        var watch = Server.OpenWatch(Now, kind!, new WatchOptions { SendInitialEvents = true, AllowBookmarks = true });
        Assert.True(watch.TryReadEvent(Now, out var added) && added.Type == WatchEventType.Added);
        Assert.True(watch.TryReadEvent(Now, out var end) && end is { Type: WatchEventType.Bookmark, EndsInitialEvents: true });
        Assert.False(watch.TryReadEvent(Now, out _));
    }

    [Fact]
    public void C37_VersionIsTooOld_ExpiredAtOnceBothAsStatusAndAsSignal()
    {
        Node("a");
        Node("b");
        Server.Compact(Server.Revision);
        var watch = Watch(ResourceTypes.Nodes, "1");
        Assert.Equal(410, watch.OpeningError!.Code);
        Assert.StartsWith("too old resource version: 1 (", watch.OpeningError.Message, StringComparison.Ordinal);
        Assert.Equal(".Expired", Told(watch));
        Assert.Equal("", Told(watch));
    }

    [Fact]
    public void C37_WatchFallsBehindTheHistory_ExpiresInTheStream()
    {
        var watch = Watch(ResourceTypes.Nodes, Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Node("a");
        Server.Compact(Server.Revision);
        Node("b");
        Assert.Null(watch.OpeningError);
        Assert.Equal(".Expired", Told(watch));
    }

    [Fact]
    public void C37_HistoryRing_IsFull_TheOldestGoesFirst()
    {
        var test = new ConformanceWatches
        {
            Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start, HistoryEntriesMax = 10 }),
        };
        var before = test.Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < 11; i++)
        {
            test.Node("n" + i);
        }

        Assert.Equal(410, test.Watch(ResourceTypes.Nodes, before).OpeningError!.Code);
    }

    [Fact]
    public void C38_VersionOfTheFuture_SilentUntilItIsReached()
    {
        var watch = Watch(ResourceTypes.Nodes, (Server.Revision + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Node("a");
        Assert.Equal("", Told(watch));
        Node("b");
        Assert.Equal("+b", Told(watch));
    }

    [Fact]
    public void C38_VersionIsNoNumber_InternalErrorThatNamesIt()
    {
        var watch = Watch(ResourceTypes.Nodes, "abc");
        Assert.Equal(500, watch.OpeningError!.Code);
        Assert.Contains("\"abc\"", watch.OpeningError.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C39_Bookmarks_EveryMinuteAndBeforeTheEnd_NeverBackwards()
    {
        Server.Kinds.TryFind(ResourceTypes.Nodes, out var kind);
        var watch = Server.OpenWatch(Now, kind!, new WatchOptions
        {
            ResourceVersion = Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
            AllowBookmarks = true,
            Timeout = TimeSpan.FromSeconds(150),
        });
        var versions = new List<long>();
        for (var second = 0; second <= 150; second++)
        {
            Now = Start + TimeSpan.FromSeconds(second);
            CreateClaim("c" + second);
            foreach (var signal in Read(watch))
            {
                if (signal is WatchSignal.Bookmark bookmark)
                {
                    versions.Add(long.Parse(bookmark.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture));
                }
            }
        }

        Assert.Equal(3, versions.Count);
        Assert.Equal(versions.Order(), versions);
        Assert.Equal("", Told(Server.OpenWatch(Now, kind!, new WatchOptions
        {
            ResourceVersion = Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
        })));
    }

    [Fact]
    public void C40_Selector_EnteringIsAddedLeavingIsDeletedWithTheVersionOfTheChange()
    {
        var node = Node("a");
        var watch = Watch(ResourceTypes.Nodes, node.ResourceVersion, labels: "sel=on");
        var entered = Patch(node, "{'metadata':{'labels':{'sel':'on'}}}").Value.Object!;
        var left = Patch(node, "{'metadata':{'labels':{'sel':'off'}}}").Value.Object!;
        Patch(node, "{'metadata':{'labels':{'sel':'never'}}}");
        var signals = Read(watch);
        Assert.Same(entered, Assert.IsType<WatchSignal.Added>(signals[0]).Object);
        var gone = Assert.IsType<WatchSignal.Deleted>(signals[1]).Object;
        Assert.Equal(left.ResourceVersion, gone.ResourceVersion);
        Assert.Equal("on", gone.Label("sel"));
        Assert.Equal(2, signals.Count);
    }

    [Fact]
    public void C43_Order_OneObjectsChangesInTheOrderOfTheirVersions()
    {
        var watch = Watch(ResourceTypes.Nodes, Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var node = Node("a");
        for (var i = 0; i < 5; i++)
        {
            Patch(node, "{'metadata':{'labels':{'i':'" + i + "'}}}");
        }

        Delete(node);
        var versions = Read(watch).Select(signal => signal switch
        {
            WatchSignal.Added added => Version(added.Object),
            WatchSignal.Modified modified => Version(modified.Object),
            WatchSignal.Deleted deleted => Version(deleted.Object),
            _ => -1,
        }).ToList();
        Assert.Equal(7, versions.Count);
        Assert.Equal(versions.Order(), versions);
    }

    [Fact]
    public void C44_Deadline_TheServerEndsTheWatchAndItGoesOnWithoutARelist()
    {
        var node = Node("a");
        var watch = Watch(ResourceTypes.Nodes, node.ResourceVersion);
        Assert.InRange(watch.ClosesAt - Start, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60));
        Now = watch.ClosesAt;
        var signals = Read(watch);
        Assert.Equal(OutcomeKind.Done, Assert.IsType<WatchSignal.Closed>(signals[^1]).Kind);
        Assert.False(watch.TryRead(Now, out _));
        var resumed = Watch(ResourceTypes.Nodes, Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Node("b");
        Assert.Equal("+b", Told(resumed));
    }

    [Fact]
    public void C45_Relist_DeletionsDuringTheGap_AreSeenInTheList()
    {
        var node = Node("a");
        var watch = Watch(ResourceTypes.Nodes, node.ResourceVersion);
        watch.Close();
        Delete(node);
        Server.Compact(Server.Revision);
        Assert.Equal("", Told(watch));
        Assert.Equal(410, Watch(ResourceTypes.Nodes, node.ResourceVersion).OpeningError!.Code);
        Assert.Empty(List(ResourceTypes.Nodes).Items);
    }

    [Fact]
    public void Skip_ChangeThatDoesNotConcernTheWatch_LeavesNothingToReadAndIsNeverTooOld()
    {
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start, HistoryEntriesMax = 3 });
        var type = ResourceTypes.PersistentVolumeClaims;
        var watch = server.OpenWatch(Now, new WatchRequest(
            type, new ObjectSelector(Labels: "app=mine"), server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var skipped = new List<bool>();
        server.Committed += change => skipped.Add(watch.TrySkip(change));

        // More than the history holds: a watch that had to come and read them would be told that it is too late.
        for (var other = 0; other < 10; other++)
        {
            Make(server, $"other-{other}", "theirs");
        }

        Assert.Equal(Enumerable.Repeat(true, 10), skipped);
        Assert.False(watch.HasMore);
        Make(server, "mine", "mine");
        Make(server, "late", "theirs");
        Assert.Equal([false, false], skipped.TakeLast(2));
        Assert.Equal("+mine", Told(watch));

        // Leaving the selection concerns it, too.
        var left = server.Find(type, new ObjectKey("default", "mine"))!;
        Assert.True(server.Send(Now, new ClusterRequest.Patch(type, left.Key, Json("{'metadata':{'labels':{'app':'theirs'}}}"))).IsDone);
        Assert.False(skipped[^1]);
        Assert.Equal("-mine", Told(watch));
    }

    [Fact]
    public void Skip_ChangeThatIsNoNewsToTheReader_IsPassedOverUnlessSomethingWaitsBeforeIt()
    {
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start });
        var watch = server.OpenWatch(Now, new WatchRequest(
            ResourceTypes.PersistentVolumeClaims,
            ObjectSelector.Everything,
            server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var skipped = new List<bool>();
        server.Committed += change =>
            skipped.Add(watch.TrySkip(change, isNoNews: change.Object.Name.StartsWith("dull", StringComparison.Ordinal)));

        Make(server, "dull-1", "any");
        Make(server, "news", "any");
        Make(server, "dull-2", "any");

        Assert.Equal([true, false, false], skipped);
        Assert.Equal("+news +dull-2", Told(watch));
    }

    [Fact]
    public void Rest_ChangesThatTheReaderDoesNotRouseItAt_AreNeverReadNorTooOld()
    {
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start, HistoryEntriesMax = 3 });
        var watch = server.OpenWatch(Now, new WatchRequest(
            ResourceTypes.PersistentVolumeClaims,
            new ObjectSelector(Labels: "app=mine"),
            server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var pin = watch.Pin!;
        server.Committed += change =>
        {
            if (pin.Of(change.Object) == pin.Value || (change.Previous is not null && pin.Of(change.Previous) == pin.Value))
            {
                watch.Rouse(change);
            }
        };

        Assert.True(watch.TryRest());
        for (var other = 0; other < 10; other++)
        {
            Make(server, $"other-{other}", "theirs");
        }

        Assert.False(watch.HasMore);
        Make(server, "mine", "mine");
        Assert.False(watch.TryRest());
        Assert.Equal("+mine", Told(watch));
        Assert.True(watch.TryRest());
        watch.Rouse(null);
        Make(server, "late", "theirs");
        Assert.True(watch.HasMore);
        Assert.Equal("", Told(watch));
    }

    private void Make(FakeApiServer server, string name, string app) => server.Seed(Now, ResourceTypes.PersistentVolumeClaims, Json(
        "{'metadata':{'name':'" + name + "','namespace':'default','labels':{'app':'" + app + "'}},"
        + "'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}"));

    private static long Follow(ConformanceWatches test, FakeWatch watch, Dictionary<string, KubernetesObject> copy, long last)
    {
        foreach (var signal in test.Read(watch))
        {
            var changed = signal switch
            {
                WatchSignal.Added added when !copy.ContainsKey(added.Object.Name) => copy[added.Object.Name] = added.Object,
                WatchSignal.Modified modified when copy.ContainsKey(modified.Object.Name) => copy[modified.Object.Name] = modified.Object,
                WatchSignal.Deleted deleted when copy.Remove(deleted.Object.Name) => deleted.Object,
                _ => throw new InvalidOperationException($"Unexpected: {signal}"),
            };
            Assert.True(Version(changed) > last);
            last = Version(changed);
        }

        return last;
    }

    private void Touch(string name, int what)
    {
        var key = ObjectKey.ClusterScoped(name);
        var exists = Server.Find(ResourceTypes.Nodes, key) is not null;
        switch (what)
        {
            case 0 or 1 when !exists:
                Node(name);
                break;
            case 2:
                Send(new ClusterRequest.Delete(ResourceTypes.Nodes, key));
                break;
            default:
                var label = Server.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
                Send(new ClusterRequest.Patch(ResourceTypes.Nodes, key, Json("{'metadata':{'labels':{'v':'" + label + "'}}}")));
                break;
        }
    }

    private KubernetesObject Node(string name, string metadata = "{}")
    {
        var body = Json("{'metadata':" + metadata + "}").WithAt(["metadata", "name"], name);
        var key = ObjectKey.ClusterScoped(name);
        return Server.Find(ResourceTypes.Nodes, key) is null
            ? Send(new ClusterRequest.Create(ResourceTypes.Nodes, "", body)).Value.Object!
            : Send(new ClusterRequest.Patch(ResourceTypes.Nodes, key, body)).Value.Object!;
    }
}
