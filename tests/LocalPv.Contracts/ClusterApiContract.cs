using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using Xunit;

namespace LocalPv.Contracts;

/// <summary>
/// What every implementation of <see cref="IClusterApi"/> promises, sentence by sentence. An implementation derives a class, and says how
/// its server is made to misbehave. The server is empty but for the namespace <c>default</c>, and each test has its own.
/// </summary>
public abstract class ClusterApiContract
{
    private static readonly ResourceType Nodes = ResourceTypes.Nodes;

    /// <summary>The implementation.</summary>
    protected abstract IClusterApi Api { get; }

    /// <summary>How many requests the server has seen, watches not counted.</summary>
    protected abstract int RequestsSeen { get; }

    /// <summary>The next request is answered with this HTTP status, and with <c>Retry-After</c> where it is given.</summary>
    protected abstract void FailNextWith(int status, int? retryAfterSeconds);

    /// <summary>The next request is done or not, but the connection ends before its answer.</summary>
    protected abstract void LoseNextAnswer();

    /// <summary>The server forgets its history up to the present.</summary>
    protected abstract void Compact();

    /// <summary>So much time passes that the server ends the watches that are open.</summary>
    protected abstract void LetWatchesEnd();

    /// <summary>Lets signals flow until the condition holds, for at most a few seconds; answers whether it does.</summary>
    protected abstract Task<bool> Until(Func<bool> condition);

    [Fact]
    public async Task Create_Get_Patch_Replace_Delete_DoWhatTheySay()
    {
        var made = (await Send(Create("a"))).Value.Object!;
        Assert.Equal(("a", true), (made.Name, made.Uid.Length > 0));
        Assert.Equal(made.ResourceVersion, (await Send(Get("a"))).Value.Object!.ResourceVersion);
        var patched = (await Send(Patch("a", "x", "1"))).Value.Object!;
        Assert.Equal("1", patched.Label("x"));
        Assert.NotEqual(made.ResourceVersion, patched.ResourceVersion);
        var body = patched.Tree.WithAt(["metadata", "labels", "x"], "2");
        Assert.Equal("2", (await Send(new ClusterRequest.Replace(Nodes, Key("a"), body))).Value.Object!.Label("x"));
        Assert.True((await Send(new ClusterRequest.Delete(Nodes, Key("a")))).IsDone);
        Assert.Equal(OutcomeKind.NotFound, (await Send(Get("a"))).Kind);
    }

    [Fact]
    public async Task List_InPages_ShowsEveryObjectOnceWithTypeAndVersion()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await Send(Create(name));
        }

        var seen = new List<KubernetesObject>();
        var next = "";
        do
        {
            var page = (await Send(new ClusterRequest.List(Nodes, ObjectSelector.Everything, "", 2, next))).Value;
            Assert.NotEqual("", page.ResourceVersion);
            seen.AddRange(page.Items);
            next = page.Continue;
        }
        while (next.Length > 0);

        Assert.Equal(["a", "b", "c"], seen.Select(item => item.Name));
        Assert.All(seen, item => Assert.Equal((Nodes.Kind, true), (item.Type.Kind, item.ResourceVersion.Length > 0)));
    }

    [Fact]
    public async Task List_Selectors_NarrowIt()
    {
        await Send(Create("a"));
        await Send(Create("b"));
        await Send(Patch("b", "x", "y"));
        Assert.Equal("b", Assert.Single((await List(new ObjectSelector(Labels: "x in (y)"))).Items).Name);
        Assert.Equal("a", Assert.Single((await List(new ObjectSelector(Fields: "metadata.name=a"))).Items).Name);
    }

    [Fact]
    public async Task Status_Is409_AlreadyExistsForACreateAndConflictOtherwise()
    {
        var made = (await Send(Create("a"))).Value.Object!;
        Assert.Equal(OutcomeKind.AlreadyExists, (await Send(Create("a"))).Kind);
        await Send(Patch("a", "x", "1"));
        var stale = new ClusterRequest.Replace(Nodes, Key("a"), made.Tree.WithAt(["metadata", "labels", "x"], "2"));
        Assert.Equal(OutcomeKind.Conflict, (await Send(stale)).Kind);
        var guarded = Patch("a", "x", "3");
        guarded = guarded with { Changes = guarded.Changes.WithAt(["metadata", "resourceVersion"], made.ResourceVersion) };
        Assert.Equal(OutcomeKind.Conflict, (await Send(guarded)).Kind);
        Assert.Equal(OutcomeKind.Conflict, (await Send(new ClusterRequest.Delete(Nodes, Key("a"), Uid: "another"))).Kind);
    }

    [Fact]
    public async Task Status_Is404Or422_NotFoundAndRejected()
    {
        Assert.Equal(OutcomeKind.NotFound, (await Send(Get("none"))).Kind);
        Assert.Equal(OutcomeKind.NotFound, (await Send(Patch("none", "x", "1"))).Kind);
        Assert.Equal(OutcomeKind.NotFound, (await Send(new ClusterRequest.Delete(Nodes, Key("none")))).Kind);
        var rejected = await Send(Create("Bad_Name"));
        Assert.Equal(OutcomeKind.Rejected, rejected.Kind);
        Assert.Contains("Bad_Name", rejected.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(401, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(403, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(405, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(415, OutcomeKind.Refused, OutcomeKind.Refused)]
    [InlineData(410, OutcomeKind.Expired, OutcomeKind.Expired)]
    [InlineData(422, OutcomeKind.Rejected, OutcomeKind.Rejected)]
    [InlineData(429, OutcomeKind.Unavailable, OutcomeKind.Unavailable)]
    [InlineData(503, OutcomeKind.Unavailable, OutcomeKind.Unavailable)]
    [InlineData(500, OutcomeKind.Unavailable, OutcomeKind.InDoubt)]
    [InlineData(504, OutcomeKind.Unavailable, OutcomeKind.InDoubt)]
    public async Task Status_OfAnyKind_IsClassifiedForReadsAndWritesAndNotRetried(int status, OutcomeKind forReads, OutcomeKind forWrites)
    {
        await Send(Create("a"));
        var before = RequestsSeen;
        FailNextWith(status, null);
        Assert.Equal(forReads, (await Send(Get("a"))).Kind);
        FailNextWith(status, null);
        var write = await Send(Patch("a", "x", "1"));
        Assert.Equal(forWrites, write.Kind);
        Assert.NotEqual("", write.Message);
        Assert.Equal(before + 2, RequestsSeen);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Status_SaysHowLongToWait_TheOutcomeSaysSoToo(int status)
    {
        FailNextWith(status, 7);
        Assert.Equal(TimeSpan.FromSeconds(7), (await Send(Get("a"))).RetryAfter);
    }

    [Fact]
    public async Task Answer_IsLost_InDoubtForAWriteAndUnavailableForARead()
    {
        var before = RequestsSeen;
        LoseNextAnswer();
        Assert.Equal(OutcomeKind.InDoubt, (await Send(Create("a"))).Kind);
        LoseNextAnswer();
        Assert.Equal(OutcomeKind.Unavailable, (await Send(Get("a"))).Kind);
        Assert.Equal(before + 2, RequestsSeen);
    }

    [Fact]
    public async Task ContinueToken_IsTooOld_Expired()
    {
        await Send(Create("a"));
        await Send(Create("b"));
        var first = (await Send(new ClusterRequest.List(Nodes, ObjectSelector.Everything, "", 1))).Value;
        await Send(Create("c"));
        Compact();
        var rest = await Send(new ClusterRequest.List(Nodes, ObjectSelector.Everything, "", 1, first.Continue));
        Assert.Equal(OutcomeKind.Expired, rest.Kind);
    }

    [Fact]
    public async Task Cancelled_EndsWithOperationCanceled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Api.SendAsync(Get("a"), cancelled.Token));
    }

    [Fact]
    public async Task Watch_FromAListsVersion_TellsEveryChangeInOrderOnce()
    {
        await Send(Create("a"));
        var heard = new Heard();
        using var watch = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, (await List()).ResourceVersion), heard.Add);
        await Send(Create("b"));
        await Send(Patch("a", "x", "1"));
        await Send(Patch("b", "x", "1"));
        await Send(new ClusterRequest.Delete(Nodes, Key("a")));
        Assert.True(await Until(() => heard.Told() == "+b ~a ~b -a"), heard.Told());
    }

    [Fact]
    public async Task Watch_WithASelector_EnteringIsAddedAndLeavingIsDeletedWithTheNewVersion()
    {
        var made = (await Send(Create("a"))).Value;
        var heard = new Heard();
        using var watch = Api.Watch(new WatchRequest(Nodes, new ObjectSelector(Labels: "x=on"), made.ResourceVersion), heard.Add);
        await Send(Patch("a", "x", "on"));
        var left = (await Send(Patch("a", "x", "off"))).Value;
        Assert.True(await Until(() => heard.Told() == "+a -a"), heard.Told());
        Assert.Equal(left.ResourceVersion, ((WatchSignal.Deleted)heard.All()[1]).Object.ResourceVersion);
    }

    [Fact]
    public async Task Watch_IsDisposed_NothingMoreIsDelivered()
    {
        var made = (await Send(Create("a"))).Value;
        var (closed, open) = (new Heard(), new Heard());
        var first = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, made.ResourceVersion), closed.Add);
        using var second = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, made.ResourceVersion), open.Add);
        await Send(Patch("a", "x", "1"));
        Assert.True(await Until(() => closed.Told() == "~a" && open.Told() == "~a"));
        first.Dispose();
        await Send(Patch("a", "x", "2"));
        Assert.True(await Until(() => open.Told() == "~a ~a"), open.Told());
        Assert.Equal("~a", closed.Told());
        first.Dispose();
    }

    [Fact]
    public async Task Watch_VersionIsTooOld_OneClosedThatSaysExpired()
    {
        var made = (await Send(Create("a"))).Value;
        await Send(Create("b"));
        Compact();
        var heard = new Heard();
        using var watch = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, made.ResourceVersion), heard.Add);
        Assert.True(await Until(() => heard.Told() == ".Expired"), heard.Told());
    }

    [Fact]
    public async Task Watch_ServersTimeIsUp_OneClosedThatSaysDoneAndItGoesOnFromTheLastVersion()
    {
        var made = (await Send(Create("a"))).Value;
        var heard = new Heard();
        using var watch = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, made.ResourceVersion), heard.Add);
        await Send(Create("b"));
        Assert.True(await Until(() => heard.Told() == "+b"), heard.Told());
        LetWatchesEnd();
        Assert.True(await Until(() => heard.Told().EndsWith(".Done", StringComparison.Ordinal)), heard.Told());
        var last = heard.LastVersion();
        var resumed = new Heard();
        using var next = Api.Watch(new WatchRequest(Nodes, ObjectSelector.Everything, last), resumed.Add);
        await Send(Create("c"));
        Assert.True(await Until(() => resumed.Told() == "+c"), resumed.Told());
        Assert.Single(heard.All().OfType<WatchSignal.Closed>());
    }

    [Fact]
    public async Task Watch_TypeIsNotServed_OneClosedThatIsNotDone()
    {
        var heard = new Heard();
        var unknown = new ResourceType("example.com", "v1", "nothings", "Nothing", false);
        using var watch = Api.Watch(new WatchRequest(unknown, ObjectSelector.Everything, "1"), heard.Add);
        Assert.True(await Until(() => heard.Told() == ".NotFound"), heard.Told());
    }

    private static ObjectKey Key(string name) => ObjectKey.ClusterScoped(name);

    private static ClusterRequest.Create Create(string name) => new(Nodes, "", JsonMap.Of(
        ("apiVersion", "v1"), ("kind", "Node"), ("metadata", JsonMap.Of(("name", name)))));

    private static ClusterRequest.Get Get(string name) => new(Nodes, Key(name));

    private static ClusterRequest.Patch Patch(string name, string label, string value) =>
        new(Nodes, Key(name), JsonMap.Empty.WithAt(["metadata", "labels", label], value));

    private async Task<Outcome<ClusterAnswer>> Send(ClusterRequest request) => await Api.SendAsync(request, CancellationToken.None);

    private async Task<ClusterAnswer> List(ObjectSelector? selector = null) =>
        (await Send(new ClusterRequest.List(Nodes, selector ?? ObjectSelector.Everything))).Value;

    /// <summary>What a watch has told; signals may come from any thread, but one at a time.</summary>
    private sealed class Heard
    {
        private readonly List<WatchSignal> _signals = [];

        public void Add(WatchSignal signal)
        {
            lock (_signals)
            {
                _signals.Add(signal);
            }
        }

        public List<WatchSignal> All()
        {
            lock (_signals)
            {
                return [.. _signals];
            }
        }

        /// <summary>The changes and the end in short; bookmarks come when they like.</summary>
        public string Told() => string.Join(" ", All().Select(signal => signal switch
        {
            WatchSignal.Added added => "+" + added.Object.Name,
            WatchSignal.Modified modified => "~" + modified.Object.Name,
            WatchSignal.Deleted deleted => "-" + deleted.Object.Name,
            WatchSignal.Closed closed => "." + closed.Kind,
            _ => "",
        }).Where(text => text.Length > 0));

        public string LastVersion() => All().Select(signal => signal switch
        {
            WatchSignal.Added added => added.Object.ResourceVersion,
            WatchSignal.Modified modified => modified.Object.ResourceVersion,
            WatchSignal.Deleted deleted => deleted.Object.ResourceVersion,
            WatchSignal.Bookmark bookmark => bookmark.ResourceVersion,
            _ => "",
        }).Last(version => version.Length > 0);
    }
}
