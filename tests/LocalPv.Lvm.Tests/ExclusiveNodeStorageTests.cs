using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Tests;

/// <summary>Two agents on one node: only the one that holds the lock ever reaches the disks.</summary>
public sealed class ExclusiveNodeStorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-lock-").FullName;

    private string LockFile => Path.Combine(_folder, "lvm", "localpv-agent");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Storage_WhileAnotherHoldsTheLock_IsNotTouchedAndAfterwardsIs()
    {
        var (old, young) = (new CountedStorage(), new CountedStorage());
        using var second = new ExclusiveNodeStorage(young, LockFile, TimeProvider.System);
        using (var first = new ExclusiveNodeStorage(old, LockFile, TimeProvider.System))
        {
            Assert.True((await first.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None)).IsDone);
            using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            var refused = await second.RunAsync(new NodeStorageRequest.Scan(), impatient.Token);
            Assert.Equal(OutcomeKind.Unavailable, refused.Kind);
            Assert.Contains(LockFile, refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, young.Requests);
            Assert.True((await first.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None)).IsDone);
        }

        Assert.True((await second.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None)).IsDone);
        Assert.Equal((2, 1), (old.Requests, young.Requests));
    }

    [Fact]
    public async Task Storage_ThatWaits_GoesOnWhenTheHolderEnds()
    {
        var young = new CountedStorage();
        var first = new ExclusiveNodeStorage(new CountedStorage(), LockFile, TimeProvider.System);
        using var second = new ExclusiveNodeStorage(young, LockFile, TimeProvider.System);
        await first.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        var waiting = second.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        Assert.True((await waiting.WaitAsync(TimeSpan.FromSeconds(20))).IsDone);
        Assert.Equal(1, young.Requests);
    }

    // Any other failure would wait for an agent that does not run.
    [Fact]
    public async Task Storage_WhoseLockFileCannotBe_SaysWhyAtOnce()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "lvm"), "a file where a folder should be");
        var inner = new CountedStorage();
        using var storage = new ExclusiveNodeStorage(inner, LockFile, TimeProvider.System);
        var refused = await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(OutcomeKind.Refused, refused.Kind);
        Assert.Contains(LockFile + " cannot be locked", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Another agent", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, inner.Requests);
    }

    private sealed class CountedStorage : INodeStorage
    {
        private int _requests;

        public int Requests => _requests;

        public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            return new(Outcome.Done<NodeStorageAnswer>(new NodeStorageAnswer.Scanned(new NodeScan([], []))));
        }
    }
}
