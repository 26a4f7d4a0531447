using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Hosting.Doctor;

namespace LocalPv.Hosting.Tests.Doctor;

/// <summary>What the doctor says of machines that lack something.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task GoodMachine_HasNothingToMend() =>
        Assert.DoesNotContain(await CheckAsync(new PaperMachine()), finding => finding.Severity == Severity.Failure);

    [Theory]
    [InlineData("kernel/device-mapper", "modprobe dm_mod")]
    [InlineData("lvm2", "Install lvm2")]
    [InlineData("programs/wipefs", "Install util-linux")]
    [InlineData("permissions", "Run as root")]
    [InlineData("permissions/dev", "deploy/manifests/agent.yaml")]
    public async Task MachineThatLacksOneThing_FailsThatCheckAlone_AndIsToldHowToMendIt(string check, string remedy)
    {
        var machine = new PaperMachine();
        switch (check)
        {
            case "kernel/device-mapper":
                machine.Paths.Remove("/sys/module/dm_mod");
                break;
            case "lvm2":
                machine.LvmVersion = null;
                break;
            case "programs/wipefs":
                machine.Paths.Remove("/usr/sbin/wipefs");
                break;
            case "permissions":
                machine.Status = "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n";
                break;
            default:
                machine.ReadOnlyFolders.Add("/dev");
                break;
        }

        var failure = Assert.Single(await CheckAsync(machine), finding => finding.Severity == Severity.Failure);
        Assert.Equal(check, failure.Check);
        Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RootWithoutSysAdmin_IsToldWhichCapabilityIsMissing()
    {
        // SETPCAP alone: bit 8.
        var machine = new PaperMachine { Status = "Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000100\n" };
        var finding = Assert.Single(await CheckAsync(machine), finding => finding.Check == "permissions");
        Assert.Contains("SYS_ADMIN", finding.Message, StringComparison.Ordinal);
        Assert.Contains("MKNOD", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldLvm_IsAWarning()
    {
        var finding = Assert.Single(await CheckAsync(new PaperMachine { LvmVersion = "2.02.180(2)" }), finding => finding.Check == "lvm2");
        Assert.Equal(Severity.Warning, finding.Severity);
    }

    [Fact]
    public void Scan_WithVolumesNobodyKnows_NamesThemAndRemovesNothing()
    {
        var known = ClaimUid.Parse("11111111-1111-1111-1111-111111111111");
        var lost = ClaimUid.Parse("22222222-2222-2222-2222-222222222222");
        var kept = Volume("pvc-c", lost) with { Layout = new Layout(LayoutType.Thin) };
        kept = kept with { Tags = kept.Tags.Add(LvmTag.Parse(WellKnown.RetainTag)) };
        var scan = new NodeScan([], [Group(Volume("pvc-a", known), Volume("pvc-b", lost), kept, Foreign("backup"))]);
        var findings = StorageChecks.Run(scan, new HashSet<ClaimUid> { known }).ToList();
        var orphans = Assert.Single(findings, finding => finding.Check == "groups/fast/orphans");
        Assert.Contains("pvc-b", orphans.Message, StringComparison.Ordinal);
        Assert.All(["pvc-a", "pvc-c"], name => Assert.DoesNotContain(name, orphans.Message, StringComparison.Ordinal));
        Assert.Contains(
            "blkdiscard --zeroout /dev/fast/pvc-b && lvremove fast/pvc-b", orphans.Remedy, StringComparison.Ordinal);
        var retained = Assert.Single(findings, finding => finding.Check == "groups/fast/retained");
        Assert.Contains("pvc-c", retained.Message, StringComparison.Ordinal);
        Assert.Contains("data: lvremove fast/pvc-c", retained.Remedy, StringComparison.Ordinal);
        var foreign = Assert.Single(findings, finding => finding.Check == "groups/fast/foreign");
        Assert.Contains("backup", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_WithoutKnowledgeOfTheCluster_CallsNothingAnOrphan()
    {
        var scan = new NodeScan([], [Group(Volume("pvc-a", ClaimUid.Parse("11111111-1111-1111-1111-111111111111")))]);
        Assert.DoesNotContain(StorageChecks.Run(scan, null), finding => finding.Check.EndsWith("orphans", StringComparison.Ordinal));
    }

    private static Task<IReadOnlyList<Finding>> CheckAsync(PaperMachine machine) =>
        MachineChecks.RunAsync(machine, CancellationToken.None);

    private static VolumeGroup Group(params LogicalVolume[] volumes) => new(
        VolumeGroupName.Parse("fast"), "uuid", ExtentSize.Default, new ExtentCount(100), new ExtentCount(50), [], [.. volumes])
    {
        Tags = [LvmTag.Parse(WellKnown.OurTag)],
    };

    private static LogicalVolume Volume(string name, ClaimUid claim) => Foreign(name) with
    {
        Tags = [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.ClaimTagPrefix + claim.Value)],
    };

    private static LogicalVolume Foreign(string name) => new(
        LogicalVolumeName.Parse(name), "uuid-" + name, new ExtentCount(1), ExtentSize.Default.Size, [], Layout.Linear, true);

    private sealed class PaperMachine : IMachine
    {
        public HashSet<string> Paths { get; } = new(StringComparer.Ordinal)
        {
            "/sys/module/dm_mod", "/sys/module/dm_thin_pool", "/sys/module/dm_raid", "/usr/sbin/wipefs",
            "/usr/sbin/blkdiscard", "/dev", "/run/lock/lvm",
        };

        public HashSet<string> ReadOnlyFolders { get; } = new(StringComparer.Ordinal);

        public string? LvmVersion { get; set; } = "2.03.16(2) (2022-05-18)";

        public string Status { get; set; } = "Name:\tlocalpv\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n";

        public bool Exists(string path) => Paths.Contains(path);

        public string Read(string path) => path == "/proc/self/status" ? Status : "";

        public bool MayWrite(string folder) => Paths.Contains(folder) && !ReadOnlyFolders.Contains(folder);

        public Task<(int ExitCode, string Output)?> RunAsync(
            string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) => Task.FromResult<(int, string)?>(
            program == "lvm" && LvmVersion is { } version ? (0, $"  LVM version:     {version}\n  Library version: 1.02\n") : null);
    }
}
