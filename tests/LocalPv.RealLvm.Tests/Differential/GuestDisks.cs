using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Lvm;
using LocalPv.Lvm.Tests.Differential;
using LocalPv.RealLvm.Tests.Contract;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Differential;

/// <summary>Disks of a guest, on a kernel with device-mapper.</summary>
internal sealed class GuestDisks : IDisksTwice
{
    private readonly BenchGuest _bench;

    internal GuestDisks(BenchGuest bench, int[] extentsPerDisk)
    {
        _bench = bench;
        var sizes = extentsPerDisk.Select(extents => Bytes.FromMebibytes(extents + 1)).ToArray();
        Disks =
        [
            .. sizes.Select((size, index) => new DiskToUse(
                DevicePath.Parse($"/dev/loop{index}"), DiskId.Parse($"file:/dev/ubd{(char)('a' + index)}"), size, WipeSignatures: false)),
        ];
        Script(
            """
            disks=(/dev/ubd?) number=0
            for size; do losetup --sizelimit "$size" /dev/loop$number "${disks[number++]}"; done
            """,
            [.. sizes.Select(size => size.Value.ToString(CultureInfo.InvariantCulture))]);
    }

    public IReadOnlyList<DiskToUse> Disks { get; }

    public void Keep(string name) => Script(
        """for disk in "${@:2}"; do dd if=$disk of=$1-${disk##*/} bs=1M count=1 status=none; done""", Arguments(name));

    public void Restore(string name) => Script(
        """
        dmsetup remove_all --force >/dev/null
        rm -rf /dev/lpv.diff*
        for disk in "${@:2}"; do dd if=$1-${disk##*/} of=$disk bs=1M conv=fsync status=none; done
        """,
        Arguments(name));

    public LvmNodeStorage StorageOn(IEnumerable<DiskToUse> disks) => new(
        new LvmOptions { Devices = [.. disks.Select(disk => disk.Path)] },
        new GuestCommandRunner(_bench.Guest),
        new GuestFiles(_bench.Guest));

    public string Lvm(IEnumerable<DiskToUse> disks, params string[] arguments) =>
        _bench.Guest.RunAsync("lvm", [.. arguments, "--devices", string.Join(',', disks.Select(disk => disk.Path.Value))])
            .GetAwaiter().GetResult();

    private string[] Arguments(string name) =>
        [$"{Guest.ExchangeInside}/kept-{name}", .. Disks.Select(disk => disk.Path.Value)];

    private void Script(string script, string[] arguments) => _bench.Guest.ScriptAsync(script, [.. arguments]).GetAwaiter().GetResult();
}
