using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Lvm.Tests;

/// <summary>Disks of volume groups that LVM's report does not show, under a standing order to wipe them.</summary>
[Collection(nameof(LoopDevices))]
public sealed class OwnedLabelTests
{
    private const string Elsewhere = "global{system_id_source=\"lvmlocal\"} local{system_id=\"elsewhere\"}";
    private static readonly VolumeGroupName Theirs = VolumeGroupName.Parse("lpvtest-theirs");
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("lpvtest-owned");

    /// <summary>LVM shows nobody a group of another machine, as this one is after it was given another name.</summary>
    [Fact]
    public void Disk_OfAGroupOfAnotherSystem_IsNotWiped()
    {
        using var bench = new LoopBench([8]);
        bench.Lvm(bench.Disks, "vgcreate", Theirs.Value, bench.Disks[0].Path.Value, "--config", Elsewhere);
        IsRefusedWhateverIsOrdered(bench, bench.Disks[0]);
        Assert.Contains(Theirs.Value, bench.Lvm(bench.Disks, "vgs", "--config", Elsewhere), StringComparison.Ordinal);
    }

    /// <summary>A disk that keeps no metadata itself, of a group whose other disk is not there.</summary>
    [Fact]
    public void Disk_ThatIsOnlyMarkedAsUsed_IsNotWiped()
    {
        using var bench = new LoopBench([8, 8]);
        bench.Lvm(bench.Disks, "pvcreate", "--metadatacopies", "0", bench.Disks[1].Path.Value);
        bench.Lvm(bench.Disks, "vgcreate", Theirs.Value, bench.Disks[0].Path.Value, bench.Disks[1].Path.Value);
        bench.Unplug(bench.Disks[0]);
        IsRefusedWhateverIsOrdered(bench, bench.Disks[1]);
    }

    /// <summary>What is still on it may be somebody's; whoever took it out of the group may say that it is not.</summary>
    [Fact]
    public void Disk_ThatWasTakenOutOfItsGroupWhileItWasAway_IsTakenWhereThatIsOrdered()
    {
        using var bench = new LoopBench([8, 8]);
        bench.Lvm(bench.Disks, "vgcreate", Theirs.Value, bench.Disks[0].Path.Value, bench.Disks[1].Path.Value);
        bench.Lvm([bench.Disks[0]], "vgreduce", "--removemissing", Theirs.Value);
        var seen = Seen(bench, bench.Disks[1]);
        Assert.Equal(("LVM2_member", ""), (seen.Signature, seen.Holder));
        Assert.Equal(OutcomeKind.Rejected, Take(bench, bench.Disks[1], wipe: false).Kind);
        var taken = Take(bench, bench.Disks[1], wipe: true);
        Assert.True(taken.IsDone, taken.Message);
    }

    /// <summary>Nothing of the group is active: the kernel knows of nobody who holds the disk.</summary>
    [Fact]
    public async Task Disk_WithAPartitionThatIsInAGroup_IsNotWiped()
    {
        var files = new PaperFiles(
            "/sys/block/sdb/sdb1/partition 1\n/sys/class/block/sdb1/partition 1\n/sys/class/block/sdb1/dev 8:17\n"
                + "/sys/class/block/sdb1/size 1048576").WithDisk("sdb", "B");
        var runner = new ScriptedRunner()
            .Answer("fullreport", """
                {"report":[{
                  "vg":[{"vg_name":"theirs","vg_uuid":"U","vg_extent_size":"4194304","vg_extent_count":"100","vg_tags":""}],
                  "pv":[{"pv_name":"/dev/sdb1","pv_uuid":"P","pv_pe_count":"100","pv_pe_alloc_count":"0","pv_missing":"",
                    "pv_allocatable":"allocatable"}],
                  "lv":[],"seg":[]}]}
                """)
            .Answer("/dev/sdb", """{"signatures":[{"device":"sdb","offset":"0x1fe","type":"dos","uuid":"x","label":null}]}""");
        var storage = new LvmNodeStorage(new LvmOptions(), runner, files);
        var scan = (NodeStorageAnswer.Scanned)(await storage.RunAsync(new NodeStorageRequest.Scan(), CancellationToken.None)).Value;
        var disk = Assert.Single(scan.Scan.Disks, seen => seen.Path.Value == "/dev/sdb");
        Assert.Equal("/dev/sdb1, which belongs to theirs", disk.Holder);

        var take = new DiskToUse(disk.Path, disk.Id!.Value, disk.Size, WipeSignatures: true);
        var outcome = await storage.RunAsync(
            new NodeStorageRequest.CreateVolumeGroup(Group, ExtentSize.Default, [take], []), CancellationToken.None);
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.DoesNotContain(runner.Commands, command => command.Contains("--all", StringComparison.Ordinal));
    }

    private static void IsRefusedWhateverIsOrdered(LoopBench bench, DiskToUse disk)
    {
        var seen = Seen(bench, disk);
        Assert.Null(seen.VolumeGroup);
        Assert.Contains("volume group", seen.Holder, StringComparison.Ordinal);
        var outcome = Take(bench, disk, wipe: true);
        Assert.Equal(OutcomeKind.Rejected, outcome.Kind);
        Assert.Contains("is held by", outcome.Message, StringComparison.Ordinal);
        Assert.Equal("LVM2_member", Seen(bench, disk).Signature);
    }

    private static Outcome<NodeStorageAnswer> Take(LoopBench bench, DiskToUse disk, bool wipe) => Do(
        bench,
        new NodeStorageRequest.CreateVolumeGroup(
            Group, ExtentSize.From(Bytes.FromMebibytes(1)), [disk with { WipeSignatures = wipe }], [LvmTag.Parse(WellKnown.OurTag)]));

    private static ObservedDisk Seen(LoopBench bench, DiskToUse disk) => Assert.Single(
        ((NodeStorageAnswer.Scanned)Do(bench, new NodeStorageRequest.Scan()).Value).Scan.Disks, seen => seen.Path == disk.Path);

    private static Outcome<NodeStorageAnswer> Do(LoopBench bench, NodeStorageRequest request) =>
        bench.Storage.RunAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
