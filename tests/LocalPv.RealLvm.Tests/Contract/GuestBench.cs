using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Contracts.NodeStorage;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Lvm;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Contract;

/// <summary>
/// lvm2 on a kernel with device-mapper. The disks are loop devices over parts of the guest's disks, since a bench asks for disks of any
/// size and wants them blank.
/// </summary>
internal sealed class GuestBench : NodeStorageBench, INodeStorage
{
    private readonly BenchGuest _bench;
    private readonly int[] _extentsPerDisk;
    private IReadOnlyList<DiskToUse> _disks;
    private LvmNodeStorage _storage;

    // Whatever an earlier bench left, in whatever state its test broke off.
    private const string Clear =
        """
        ! compgen -G '/sys/block/dm-*' >/dev/null || dmsetup remove_all --force >/dev/null
        losetup --detach-all
        rm -f /run/disk.img
        ! compgen -G '/dev/lpvtest-*' >/dev/null || rm -rf /dev/lpvtest-*
        for disk in /dev/ubd?; do blkdiscard -f $disk; done

        """;

    internal GuestBench(BenchGuest bench, int[] extentsPerDisk)
    {
        Assert.True(extentsPerDisk.Length <= BenchGuest.DisksMax, $"A guest has {BenchGuest.DisksMax} disks for benches.");
        (_bench, _extentsPerDisk) = (bench, extentsPerDisk);
        _disks = [.. extentsPerDisk.Select((extents, index) => new DiskToUse(
            DevicePath.Parse($"/dev/loop{index}"), DiskId.Parse($"file:/dev/ubd{(char)('a' + index)}"), SizeOf(extents),
            WipeSignatures: false))];
        _storage = Plug(bench.TakesFirst() ? "" : Clear);
    }

    /// <summary>A node whose only disk is a file, and whose storage looks at all of its devices.</summary>
    internal static GuestBench OfAFile(BenchGuest bench, int extents)
    {
        var made = new GuestBench(bench, []);
        made.Script("truncate -s $1 /run/disk.img; losetup /dev/loop0 /run/disk.img", Number(SizeOf(extents)));
        made._disks =
            [new DiskToUse(DevicePath.Parse("/dev/loop0"), DiskId.Parse("file:/run/disk.img"), SizeOf(extents), WipeSignatures: false)];
        return made;
    }

    public override INodeStorage Storage => this;

    public override IReadOnlyList<DiskToUse> Disks => _disks;

    internal Guest Guest => _bench.Guest;

    public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken) =>
        _storage.RunAsync(request, cancellationToken);

    public override void Format(DiskToUse disk) => Script("mkfs.ext4 -q -F $1", disk.Path.Value);

    public override void CreateForeignGroup(VolumeGroupName name, DiskToUse disk) =>
        Script("lvm vgcreate --physicalextentsize 1m $1 $2", name.Value, disk.Path.Value);

    public override void CreateForeignVolume(VolumeGroupName group, LogicalVolumeName name, ExtentCount extents) => Script(
        "lvm lvcreate -Wn -y -l $1 -n $2 $3", extents.Value.ToString(CultureInfo.InvariantCulture), name.Value, group.Value);

    // A loop device goes only when nothing holds it any more. What becomes of volumes that are active then is another test.
    public override void Unplug(DiskToUse disk) => Script("lvm vgchange --quiet -an || true; losetup --detach $1", disk.Path.Value);

    /// <summary>The node loses power and comes up again, with the same disks.</summary>
    internal void Reboot()
    {
        _bench.RebootAsync().GetAwaiter().GetResult();
        _storage = Plug();
    }

    internal string Script(string script, params ImmutableArray<string> arguments) =>
        Guest.ScriptAsync(script, arguments).GetAwaiter().GetResult();

    private LvmNodeStorage Plug(string before = "")
    {
        Script(
            before
            + """
            disks=(/dev/ubd?) number=0
            for size; do
              losetup --sizelimit "$size" /dev/loop$number "${disks[number++]}"
            done
            """,
            [.. _extentsPerDisk.Select(extents => Number(SizeOf(extents)))]);
        var options = new LvmOptions { Devices = [.. Disks.Select(disk => disk.Path)] };
        return new LvmNodeStorage(options, new GuestCommandRunner(Guest), new GuestFiles(Guest));
    }

    private static string Number(Bytes size) => size.Value.ToString(CultureInfo.InvariantCulture);

    private static Bytes SizeOf(int extents) => Bytes.FromMebibytes(extents + 1);
}
