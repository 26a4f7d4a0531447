using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>A command that never ends, of this process or of somebody else: it holds up its own volume group and nothing besides.</summary>
[Collection(nameof(LoopDevices))]
public sealed class HungCommandTests
{
    private static readonly VolumeGroupName Hung = VolumeGroupName.Parse("lpvtest-hung");
    private static readonly VolumeGroupName Healthy = VolumeGroupName.Parse("lpvtest-healthy");
    private static readonly ClaimUid A = ClaimUid.Parse("uid-a");
    private static readonly ClaimUid B = ClaimUid.Parse("uid-b");

    [Fact]
    public async Task Change_ThatNeverEnds_HoldsUpItsOwnGroupOnly()
    {
        using var bench = new LoopBench([8, 8]);
        var runner = new StuckRunner(Hung);
        var storage = new LvmNodeStorage(bench.Options, runner);
        await MakeGroups(bench, storage);
        var stuck = storage.RunAsync(Creation(Hung, A), CancellationToken.None).AsTask();
        await runner.IsStuck;

        Assert.True((await storage.RunAsync(Creation(Healthy, A), CancellationToken.None)).IsDone);
        Assert.True((await storage.RunAsync(Removal(Healthy, A), CancellationToken.None)).IsDone);
        Assert.NotNull((await Scan(storage)).Group(Healthy));
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Equal(OutcomeKind.Unavailable, (await storage.RunAsync(Creation(Hung, B), impatient.Token)).Kind);
        Assert.False(stuck.IsCompleted);
        runner.LetGo();
        Assert.Equal(OutcomeKind.InDoubt, (await stuck).Kind);
    }

    // A command that cannot even be killed keeps its lock, and a report of all groups waits for that.
    [Fact]
    public async Task Lock_ThatAnotherCommandNeverGivesBack_HoldsUpItsOwnGroupOnly()
    {
        using var bench = new LoopBench([8, 8]);
        var storage = new LvmNodeStorage(bench.Options);
        await MakeGroups(bench, storage);
        Assert.True((await storage.RunAsync(Creation(Hung, A), CancellationToken.None)).IsDone);
        using (bench.Hang(Hung))
        {
            Assert.True((await storage.RunAsync(Creation(Healthy, A), CancellationToken.None)).IsDone);
            await GiveUpAScan(bench, storage);
            var seen = await Scan(storage);
            Assert.NotNull(seen.Group(Healthy)!.Volume(NameOf(A)));
            Assert.Null(seen.Group(Hung));

            // Nobody takes the disk of a group that cannot be looked at for an unused one.
            Assert.Equal([Hung, Healthy], seen.Disks.Select(disk => disk.VolumeGroup!.Value).OrderDescending());
            Assert.True((await storage.RunAsync(Removal(Healthy, A), CancellationToken.None)).IsDone);
            var refused = await storage.RunAsync(Removal(Hung, A), CancellationToken.None);
            Assert.Equal(OutcomeKind.Unavailable, refused.Kind);
            Assert.Contains("is locked", refused.Message, StringComparison.Ordinal);
        }

        Assert.NotNull((await Scan(storage)).Group(Hung)!.Volume(NameOf(A)));
        Assert.True((await storage.RunAsync(Removal(Hung, A), CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task Lock_OfACommandThatMakesAGroupAndNeverEnds_HoldsUpNoVolume()
    {
        using var bench = new LoopBench([8, 8]);
        var storage = new LvmNodeStorage(bench.Options);
        await MakeGroups(bench, storage);
        using (bench.HangMakingAGroup())
        {
            Assert.True((await storage.RunAsync(Creation(Healthy, A), CancellationToken.None)).IsDone);
            await GiveUpAScan(bench, storage);
            var seen = await Scan(storage);
            Assert.NotNull(seen.Group(Healthy)!.Volume(NameOf(A)));
            Assert.NotNull(seen.Group(Hung));
            Assert.True((await storage.RunAsync(Removal(Healthy, A), CancellationToken.None)).IsDone);
        }
    }

    private static async Task MakeGroups(LoopBench bench, LvmNodeStorage storage)
    {
        foreach (var (name, disk) in new[] { (Hung, bench.Disks[0]), (Healthy, bench.Disks[1]) })
        {
            var creation = new NodeStorageRequest.CreateVolumeGroup(
                name, ExtentSize.From(Bytes.FromMebibytes(1)), [disk], [LvmTag.Parse(WellKnown.OurTag)]);
            Assert.True((await storage.RunAsync(creation, CancellationToken.None)).IsDone);
        }
    }

    private static async Task GiveUpAScan(LoopBench bench, LvmNodeStorage storage)
    {
        using var impatient = new CancellationTokenSource(bench.Options.PatienceAfterHang + TimeSpan.FromMilliseconds(200));
        Assert.Equal(OutcomeKind.Unavailable, (await storage.RunAsync(new NodeStorageRequest.Scan(), impatient.Token)).Kind);
    }

    private static async Task<NodeScan> Scan(LvmNodeStorage storage)
    {
        var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.Message);
        return Assert.IsType<NodeStorageAnswer.Scanned>(outcome.Value).Scan;
    }

    private static NodeStorageRequest.CreateLogicalVolume Creation(VolumeGroupName group, ClaimUid claim) => new(
        group, NameOf(claim), new ExtentCount(2), Layout.Linear,
        [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + claim.Value)]);

    private static NodeStorageRequest.RemoveLogicalVolume Removal(VolumeGroupName group, ClaimUid claim) =>
        new(group, NameOf(claim), claim, WipePolicy.Zero);

    private static LogicalVolumeName NameOf(ClaimUid claim) => LogicalVolumeName.Parse("pvc-" + claim.Value);

    /// <summary>Runs everything but the making of volumes in one group.</summary>
    private sealed class StuckRunner(VolumeGroupName group) : ICommandRunner
    {
        private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CommandRunner _inner = new();

        internal Task IsStuck => _stuck.Task;

        public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
        {
            if (!command.Arguments.Contains("lvcreate") || !command.Arguments.Contains(group.Value))
            {
                return await _inner.RunAsync(command, cancellationToken);
            }

            _stuck.TrySetResult();
            await _released.Task;
            return new CommandResult(CommandEnd.Killed, -1, "", "", Truncated: false);
        }

        internal void LetGo() => _released.TrySetResult();
    }
}
