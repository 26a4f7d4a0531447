using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Provisioning;

public sealed partial class VolumeMachineTests
{
    private const string Uid = "0b0e9a52-0000-4000-8000-000000000001";
    private const string Name = "pvc-" + Uid;
    private static readonly Instant Now = Instant.Epoch + TimeSpan.FromDays(1);
    private static readonly VolumeGroupName Group = VolumeGroupName.Parse("vg");

    private static readonly VolumeSituation Wanted = new()
    {
        Now = Now,
        Uid = ClaimUid.Parse(Uid),
        Node = NodeName.Parse("node-a"),
        HostName = "node-a",
        Provisioner = WellKnown.DefaultProvisioner,
        OrphanGrace = TimeSpan.FromMinutes(2),
        MissingGroupGrace = TimeSpan.FromSeconds(30),
        Claim = Claim(""),
        Terms = new VolumeTerms { StorageClass = StorageClassName.Parse("fast"), Group = Group, MayGrow = true },
        Group = InGroup(1000),
        ScanNumber = 5,
        ScannedAt = Now,
    };

    private static readonly Unserved Full = new("NoSpace", "full", true);
    private static readonly Unserved Going = new("StorageTerminating", "going", true) { Ending = Wanted.Terms };

    /// <summary>Every situation that matters, and the step it asks for.</summary>
    private static readonly (string Situation, VolumeSituation Given, string Step)[] Table =
    [
        ("nothing was scanned yet", Wanted with { ScanNumber = 0 }, "Idle"),
        ("the Node object is not there", Wanted with { HostName = "" }, "Idle"),
        ("a wait is on", Wanted with { Memory = new() { NotBefore = Now + TimeSpan.FromSeconds(1) } }, "Wait"),
        ("wanted, room, claim not read live", Wanted, "ReadClaim"),
        ("wanted, room, claim read live", Read(Wanted), "CreateLogicalVolume"),
        ("the group is busy", Read(Wanted) with { GroupState = GroupState.Busy }, "AwaitGroup"),
        ("the group is in doubt", Read(Wanted) with { GroupState = GroupState.InDoubt }, "Scan"),
        ("a later scan is needed", With(Read(Wanted), memory => memory with { ScanAfter = 5 }), "Scan"),
        ("no room, the scan is old", With(Wanted with { Group = InGroup(1) }, memory => memory with { FirstScan = 5 }), "Scan"),
        ("no room, the scan is new", Wanted with { Group = InGroup(1) }, "ReadVolume"),
        ("no room, volume gone, claim not read", Gone(Wanted with { Group = InGroup(1) }), "ReadClaim"),
        ("no room, all read", Gone(Read(Wanted with { Group = InGroup(1) })), "ReleaseNode"),
        ("no room, an earlier life may be at it",
            With(Gone(Read(Wanted with { Group = InGroup(1) })), memory => memory with { MayBeBegunUntil = Now + TimeSpan.FromSeconds(9) }),
            "Wait"),
        ("no room, but the creation is in doubt",
            With(Read(Wanted with { Group = InGroup(1) }), memory => memory with { CreationInDoubt = true }), "CreateLogicalVolume"),
        ("a clear no, all read", With(Gone(Read(Wanted)), memory => memory with { Failure = Full }), "ReleaseNode"),
        ("a clear no, but an earlier creation is in doubt",
            With(Gone(Read(Wanted)), memory => memory with { Failure = Full, CreationInDoubt = true }), "CreateLogicalVolume"),
        ("a clear no, but the volume exists", With(Seen(Read(Wanted)), memory => memory with { Failure = Full }), "Blocked"),
        ("the group is missing for a moment", Wanted with { Group = null, GroupMissingSince = Now }, "Blocked"),
        ("the group is missing for long", Gone(Read(Wanted with { Group = null, GroupMissingSince = Ago(5) })), "ReleaseNode"),
        ("the group is missing for long, the scan is old",
            Gone(Read(Wanted with { Group = null, GroupMissingSince = Ago(5), ScannedAt = Ago(4.9) })), "Scan"),
        ("the group is missing, the creation in doubt",
            With(Gone(Read(Wanted with { Group = null, GroupMissingSince = Ago(5) })),
                memory => memory with { CreationInDoubt = true }), "Blocked"),
        ("the group that has the volume is away", Away(Gone(Read(Wanted with { Group = null, GroupMissingSince = Ago(1) }))), "Blocked"),
        ("the group that has the volume is away, another of its name is refused",
            Away(Gone(Read(Wanted with { Terms = null, Unserved = Full }))), "Blocked"),
        ("the group that has the volume is away, another of its name is there", Away(Gone(Read(Wanted))), "Blocked"),
        ("the group that has the volume is away for long, the scan is old",
            Away(Gone(Read(Wanted with { Group = null }))) with { AwaySince = Ago(3), ScannedAt = Ago(1.5) }, "Scan"),
        ("the group that has the volume is away for long, volume and claim read",
            Away(Gone(Read(Wanted with { Group = null }))) with { AwaySince = Ago(3) }, "ReleaseNode"),
        ("the group that has the volume is away for long, an earlier creation in doubt",
            With(Away(Gone(Read(Wanted with { Group = null }))) with { AwaySince = Ago(30) }, memory => memory with
            {
                CreationInDoubt = true,
            }), "Blocked"),
        ("the group that has the volume is away, and declared lost",
            Away(Gone(Read(Wanted with { Group = null }))) with { AwaySince = Now, IsDeclaredLost = true }, "ReleaseNode"),
        ("declared lost, but a request is under way",
            Away(Gone(Read(Wanted with { Group = null }))) with
            {
                AwaySince = Now,
                IsDeclaredLost = true,
                GroupState = GroupState.Busy,
            },
            "Blocked"),
        ("declared lost, but the group is there", Read(Wanted) with { IsDeclaredLost = true }, "CreateLogicalVolume"),
        ("the group is missing and declared lost, the creation in doubt",
            With(Gone(Read(Wanted with { Group = null, GroupMissingSince = Ago(5), IsDeclaredLost = true })),
                memory => memory with { CreationInDoubt = true }), "ReleaseNode"),
        ("the class does not serve the node", Gone(Read(Wanted with { Terms = null, Unserved = Full })), "ReleaseNode"),
        ("the class is not ready", Wanted with { Terms = null, Unserved = new("StorageNotReady", "", false) }, "Blocked"),
        ("made in this life", With(Made(Wanted), memory => memory with { MadeHere = true }), "CreateVolume"),
        ("made in this life, a write of its object in doubt",
            With(Made(Wanted), memory => memory with { MadeHere = true, VolumeInDoubt = true }), "ReadVolume"),
        ("made in this life, a write of its claim in doubt",
            With(Made(Wanted), memory => memory with { MadeHere = true, ClaimInDoubt = Claim("").Key }), "ReadClaim"),
        ("found after a restart", Made(Wanted), "ReadVolume"),
        ("found after a restart, volume gone", Gone(Made(Wanted)), "ReadClaim"),
        ("found after a restart, volume gone, claim read", Read(Gone(Made(Wanted))), "Activate"),
        ("found after a restart, retained, all read", Read(Gone(Made(Wanted, Retained))), "CreateVolume"),
        ("found after a restart, retained, inactive, all read",
            Read(Gone(Made(Wanted, volume => Retained(volume) with { Active = false }))), "Activate"),
        ("made in this life, inactive",
            With(Made(Wanted, volume => volume with { Active = false }), memory => memory with { MadeHere = true }), "ReadVolume"),
        ("made in this life, inactive, all read",
            With(Read(Gone(Made(Wanted, volume => volume with { Active = false }))), memory => memory with { MadeHere = true }),
            "Activate"),
        ("found, its storage is being deleted", Read(Gone(Made(Wanted with { Terms = null, Unserved = Going }))), "Activate"),
        ("found, its storage is being deleted and refuses the group",
            Read(Gone(Made(Wanted with { Terms = null, Unserved = Going with { Ending = null } }))), "Blocked"),
        ("in doubt, its storage is being deleted",
            With(Gone(Read(Wanted with { Terms = null, Unserved = Going })), memory => memory with { CreationInDoubt = true }),
            "CreateLogicalVolume"),
        ("in doubt, its storage is being deleted, the group is gone",
            With(
                Gone(Read(Wanted with { Terms = null, Unserved = Going, Group = null, GroupMissingSince = Ago(5) })),
                memory => memory with { CreationInDoubt = true }),
            "Blocked"),
        ("not found, its storage is being deleted", Read(Gone(Wanted with { Terms = null, Unserved = Going })), "ReleaseNode"),
        ("found, too small", Read(Made(Wanted, volume => volume with { Extents = new(1) })), "ExtendLogicalVolume"),
        ("found, without our mark", Read(Made(Wanted, volume => volume with { Tags = [ClaimTag] })), "Blocked"),
        ("found, a clear no remembered", With(Read(Gone(Made(Wanted))), memory => memory with { Failure = Full }), "Activate"),
        ("bound elsewhere, nothing here", Wanted with { Claim = Claim("other") }, "Idle"),
        ("unowned, young", Unowned(Now), "Wait"),
        ("unowned, old", Unowned(Now + TimeSpan.FromMinutes(-3)), "ReadVolume"),
        ("unowned, old, volume gone", Gone(Unowned(Now + TimeSpan.FromMinutes(-3))), "ReadClaim"),
        ("unowned, old, claim alive", Read(Gone(Unowned(Now + TimeSpan.FromMinutes(-3)))), "Wait"),
        ("unowned, old, all gone", AllGone(Unowned(Now + TimeSpan.FromMinutes(-3))), "RemoveLogicalVolume"),
        ("unowned, old, the claim lives on another node", Elsewhere("Bound", "node-b"), "RemoveLogicalVolume"),
        ("unowned, old, the claim is being bound on another node", Elsewhere("Pending", "node-b"), "Wait"),
        ("unowned, old, the claim lives here", Elsewhere("Bound", "node-a"), "Wait"),
        ("unowned, old, the claim lives here, where the host had another name", Elsewhere("Bound", "host-a", "node-a"), "Wait"),
        ("unowned, old, the claim lives on another node, which makes its volume",
            With(Elsewhere("Bound", "node-b"), memory => memory with { ReadClaim = Claim("") }), "Wait"),
        ("unowned, in a group from elsewhere", AllGone(Unowned(Now + TimeSpan.FromDays(-3))) with { IsFoundInServedGroup = false }, "Wait"),
        ("unowned, a volume here names another claim",
            With(AllGone(Unowned(Now + TimeSpan.FromDays(-3))), memory => memory with
            {
                VolumeRead = Sighting.Seen,
                ReadVolume = Volume("Bound", "Delete", "1Gi", deleting: false, finalizer: true, claimUid: "made-anew"),
            }),
            "Wait"),
        ("unowned, in a group of another node", FromElsewhere(AllGone(Unowned(Now + TimeSpan.FromDays(-3)))), "Idle"),
        ("unowned, made as a raw device, or by an older version",
            Made(AllGone(Unowned(Now + TimeSpan.FromDays(-3))), volume => volume with
            {
                Tags = volume.Tags.Remove(Tag(WellKnown.FileSystemTag)),
            }),
            "Idle"),
        ("unowned, old, all gone, the group misses a disk", MissingADisk(AllGone(Unowned(Ago(3)))), "Wait"),
        ("unowned, found to hold data",
            With(AllGone(Unowned(Now + TimeSpan.FromDays(-3))), memory => memory with { LeftAloneUntil = Now + TimeSpan.FromHours(1) }),
            "Wait"),
        ("unowned, retained", AllGone(Unowned(Now + TimeSpan.FromDays(-3), WellKnown.RetainTag)), "Idle"),
        ("unowned, retained, inactive",
            Made(AllGone(Unowned(Ago(3))), volume => volume with
            {
                Active = false,
                Tags = volume.Tags.Add(Tag(WellKnown.RetainTag)),
            }),
            "Activate"),
        ("unowned, holds data, inactive",
            With(Made(AllGone(Unowned(Ago(3))), volume => volume with { Active = false }), memory => memory with
            {
                LeftAloneUntil = Now + TimeSpan.FromHours(1),
            }),
            "Activate"),
        ("another claim's", Anothers("Bound", "Delete"), "Idle"),
        ("another claim's, inactive", Made(Anothers("Bound", "Delete"), volume => volume with { Active = false }), "Activate"),
        ("another claim's, retained, not marked", Anothers("Bound", "Retain"), "MarkRetained"),
        ("another claim's, retained, marked, deleting",
            Made(Anothers("Released", "Retain", deleting: true), volume => volume with
            {
                Tags = volume.Tags.Add(Tag(WellKnown.RetainTag)),
            }),
            "RemoveFinalizer"),
        ("another claim's, still called released", Anothers("Released", "Delete"), "ReadClaim"),
        ("another claim's, still called released, claim alive", Read(Anothers("Released", "Delete")), "Wait"),
        ("another claim's, released, claim gone", ClaimGone(Anothers("Released", "Delete")), "DeleteVolume"),
        ("kept for a claim that is not there yet, still called released", ClaimGone(Anothers("Released", "Delete", claim: "")), "Idle"),
        ("another claim's, released, deleting, volume read", Seen(Anothers("Released", "Delete", deleting: true)), "ReadClaim"),
        ("another claim's, released, deleting, claim gone",
            ClaimGone(Seen(Anothers("Released", "Delete", deleting: true))), "RemoveLogicalVolume"),
        ("another claim's, not bound yet, deleting", Anothers("Available", "Delete", deleting: true), "RemoveFinalizer"),
        ("bound", Bound("Delete"), "Idle"),
        ("bound, retained, not marked", Bound("Retain"), "MarkRetained"),
        ("bound, retained, not marked, inactive", Made(Bound("Retain"), volume => volume with { Active = false }), "Activate"),
        ("bound, retained, not marked, the group misses a disk", MissingADisk(Bound("Retain")), "Blocked"),
        ("bound, inactive", Made(Bound("Delete"), volume => volume with { Active = false }), "Activate"),
        ("bound, inactive, a disk is missing", Made(Bound("Delete"), volume => volume with { Active = false, Partial = true }), "Blocked"),
        ("bound, mirrored, inactive, a disk is missing",
            Made(Bound("Delete"), volume => volume with { Active = false, Partial = true, Layout = new(LayoutType.Raid1, Mirrors: 1) }),
            "Activate"),
        ("bound, the logical volume is not there", Bound("Delete") with { Group = InGroup(1000) }, "Blocked"),
        ("bound, grown, room", Bound("Delete", request: "2Gi"), "ExtendLogicalVolume"),
        ("bound, grown, in a full pool of the class that was", InFullPool(Bound("Delete", request: "2Gi")), "WriteClaimResize"),
        ("bound, grown, no room", Bound("Delete", request: "2Gi", free: 3), "WriteClaimResize"),
        ("bound, grown, extended", Bound("Delete", request: "500Mi", capacity: "400Mi"), "WriteCapacity"),
        ("bound, being deleted", Bound("Delete", deleting: true), "Idle"),
        ("released", Released("Delete"), "DeleteVolume"),
        ("released, without our finalizer", Released("Delete", finalizer: false), "AddFinalizer"),
        ("released, deleting", Released("Delete", deleting: true), "ReadVolume"),
        ("released, deleting, volume read", Seen(Released("Delete", deleting: true)), "ReadClaim"),
        ("released, deleting, claim alive", Read(Seen(Released("Delete", deleting: true))), "Blocked"),
        ("released, deleting, claim gone", ClaimGone(Seen(Released("Delete", deleting: true))), "RemoveLogicalVolume"),
        ("released, deleting, group missing", ClaimGone(Seen(Released("Delete", deleting: true))) with { Group = null }, "Blocked"),
        ("released, deleting, another group of that name",
            ClaimGone(Seen(Released("Delete", deleting: true))) with { Group = InGroup(1000), GroupRefusal = "another uuid" }, "Blocked"),
        ("released, retained, deleting, another group of that name",
            Released("Retain", deleting: true) with { Group = InGroup(1000), GroupRefusal = "another uuid" }, "Blocked"),
        ("released, deleting, claim gone, the group misses a disk",
            MissingADisk(ClaimGone(Seen(Released("Delete", deleting: true)))), "Blocked"),
        ("released, deleting, claim gone, the group misses a disk and has no such volume",
            MissingADisk(ClaimGone(Seen(Released("Delete", deleting: true))) with { Group = InGroup(1000) }), "RemoveLogicalVolume"),
        ("released, retained, deleting, not marked, the group misses a disk", MissingADisk(Released("Retain", deleting: true)), "Blocked"),
        ("released, deleting, removed",
            With(Released("Delete", deleting: true), memory => memory with { Removed = true }), "RemoveFinalizer"),
        ("released, retained",
            Made(Released("Retain"), volume => volume with { Tags = volume.Tags.Add(Tag(WellKnown.RetainTag)) }), "Idle"),
        ("released, retained, deleting, not marked", Released("Retain", deleting: true), "MarkRetained"),
        ("released, retained, deleting, marked", Made(Released("Retain", deleting: true), Retained), "RemoveFinalizer"),
        ("another provisioner's", Released("Delete") with { Provisioner = "other" }, "Idle"),
    ];

    private static LvmTag ClaimTag => Tag(WellKnown.ClaimTagPrefix + Uid);

    public static TheoryData<string> Rows => [.. Table.Select(row => row.Situation)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Next_EachSituation_AsksForItsStep(string situation)
    {
        var row = Table.Single(each => each.Situation == situation);
        Assert.Equal(row.Step, VolumeMachine.Next(row.Given).GetType().Name);
    }

    [Fact]
    public void Next_AnyMixOfSituations_KeepsTheRulesThatAreNeverBroken()
    {
        var picks =
            from a in Gen.Elements(Table)
            from b in Gen.Elements(Table)
            from c in Gen.Elements(Table)
            from d in Gen.Elements(Table)
            select (a.Given, b.Given, c.Given, d.Given);
        Prop.ForAll(Arb.From(picks), pick =>
        {
            var (a, b, c, d) = pick;
            var mixed = a with
            {
                Claim = b.Claim,
                Group = c.Group,
                GroupState = d.GroupState,
                Found = c.Found,
                FoundIn = c.FoundIn,
                Memory = d.Memory,
                Volume = b.Volume,
                LiesIn = c.LiesIn,
                AwaySince = c.AwaySince,
                IsDeclaredLost = d.IsDeclaredLost,
                Terms = a.Terms ?? (a.Unserved is null ? Wanted.Terms : null),
            };
            Check(mixed, VolumeMachine.Next(mixed));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static void Check(VolumeSituation given, VolumeStep step)
    {
        Assert.True(given.Memory is { VolumeInDoubt: false, ClaimInDoubt: null }
            || step is VolumeStep.ReadVolume or VolumeStep.ReadClaim or VolumeStep.Wait or VolumeStep.Idle);
        switch (step)
        {
            case VolumeStep.ReleaseNode:
                Assert.Null(given.Found);
                Assert.Equal(Sighting.Gone, given.Memory.VolumeRead);
                Assert.Equal(Sighting.Seen, given.Memory.ClaimRead);
                Assert.False(given.Memory.CreationInDoubt && !given.IsDeclaredLost);
                Assert.False(given.LiesIn is not null && given.AwaySince is null);
                break;
            case VolumeStep.RemoveLogicalVolume remove:
                Assert.True(remove.OnlyUnused || given.Volume is not null);
                Assert.Equal(GroupState.Ready, given.GroupState);
                Assert.NotEqual(Sighting.Unknown, given.Memory.ClaimRead);
                Assert.True(given.Volume is null or { Phase: "Released", ReclaimPolicy: "Delete", IsBeingDeleted: true });
                Assert.False(given.Volume is null && given.Found!.Tags.Any(tag => tag.Value == WellKnown.RetainTag));
                var from = given.Volume is null ? given.FoundIn : given.Group;
                Assert.True(from!.IsComplete || from.Volume(remove.Name) is null);
                break;
            case VolumeStep.CreateLogicalVolume:
                Assert.Null(given.Found);
                Assert.Equal(GroupState.Ready, given.GroupState);
                Assert.Equal(Sighting.Seen, given.Memory.ClaimRead);
                break;
            case VolumeStep.CreateVolume create:
                Assert.Equal(Name, create.LogicalVolume.Name.Value);
                Assert.True(create.LogicalVolume.Active);
                Assert.True(given.Memory.MadeHere
                    || (IsRetained(given) && given.Memory is { VolumeRead: Sighting.Gone, ClaimRead: Sighting.Seen }));
                break;
            case VolumeStep.Activate { IsNew: true }:
                Assert.False(IsRetained(given));
                Assert.True(given.Volume is null && given.IsWanted);
                Assert.True(given.Memory is { VolumeRead: Sighting.Gone, ClaimRead: Sighting.Seen });
                break;
            case VolumeStep.RemoveFinalizer letGo:
                Assert.True(given.Memory.Removed || letGo.Volume.ReclaimPolicy == "Retain" || letGo.Volume.ClaimUid != Uid);
                break;
            default:
                break;
        }
    }

    private static bool IsRetained(VolumeSituation given) => given.Found!.Tags.Any(tag => tag.Value == WellKnown.RetainTag);

    private static LogicalVolume Retained(LogicalVolume volume) => volume with { Tags = [.. volume.Tags, Tag(WellKnown.RetainTag)] };

    private static LvmTag Tag(string text) => LvmTag.Parse(text);

    private static VolumeGroup InGroup(long free, params LogicalVolume[] volumes) =>
        new(Group, "uuid", ExtentSize.Default, new(1000), new(free), [], [.. volumes]);

    private static Instant Ago(double minutes) => Now + TimeSpan.FromMinutes(-minutes);

    private static VolumeSituation Away(VolumeSituation given) => given with { LiesIn = Group };

    private static VolumeSituation With(VolumeSituation given, Func<VolumeMemory, VolumeMemory> change) =>
        given with { Memory = change(given.Memory) };

    private static VolumeSituation Read(VolumeSituation given) =>
        With(given, memory => memory with { ClaimRead = Sighting.Seen, ReadClaim = given.Claim ?? Claim("") });

    private static VolumeSituation ClaimGone(VolumeSituation given) => With(given, memory => memory with { ClaimRead = Sighting.Gone });

    private static VolumeSituation Seen(VolumeSituation given) => With(given, memory => memory with { VolumeRead = Sighting.Seen });

    private static VolumeSituation Gone(VolumeSituation given) => With(given, memory => memory with { VolumeRead = Sighting.Gone });

    private static VolumeSituation AllGone(VolumeSituation given) => Gone(ClaimGone(given));

    private static VolumeSituation Made(VolumeSituation given, Func<LogicalVolume, LogicalVolume>? change = null)
    {
        var made = new LogicalVolume(
            LogicalVolumeName.Parse(Name),
            "lv",
            new(256),
            Bytes.FromGibibytes(1),
            [Tag(WellKnown.OurTag), ClaimTag, ClaimKeyTag.Of(new ObjectKey("default", "data")), Tag(WellKnown.FileSystemTag)],
            Layout.Linear,
            true);
        made = change?.Invoke(made) ?? made;
        var group = InGroup(given.Group?.FreeExtents.Value ?? 700, made);
        return given with { Found = made, FoundIn = group, Group = group };
    }

    private static VolumeSituation InFullPool(VolumeSituation given)
    {
        var thin = given.Found! with { Layout = new Layout(LayoutType.Thin) };
        var group = InGroup(700, thin) with { ThinPool = new ThinPool(new(256), new(256)) };
        return given with { Found = thin, FoundIn = group, Group = group };
    }

    private static VolumeSituation Unowned(Instant since, params string[] tags)
    {
        var made = Made(Wanted with { Claim = null }, volume => volume with { Tags = [.. volume.Tags, .. tags.Select(Tag)] });
        return With(made, memory => memory with { UnownedSince = since });
    }

    private static VolumeSituation Elsewhere(string phase, string node, string? label = null) => With(Unowned(Ago(3)), memory => memory with
    {
        ClaimRead = Sighting.Seen,
        ReadClaim = Claim(Name),
        VolumeRead = Sighting.Seen,
        ReadVolume = Volume(phase, "Delete", "1Gi", deleting: false, finalizer: true, node: node, label: label),
    });

    private static VolumeSituation FromElsewhere(VolumeSituation given) => given with
    {
        FoundIn = given.FoundIn! with { Tags = [Tag(WellKnown.OurTag), Tag(WellKnown.NodeTagPrefix + "node-b")] },
    };

    private static VolumeSituation Bound(
        string policy, string request = "1Gi", string capacity = "1Gi", long free = 700, bool deleting = false) =>
        Made(Wanted with
        {
            Claim = Claim(Name, request),
            Volume = Volume("Bound", policy, capacity, deleting, true),
            Group = InGroup(free),
        });

    private static VolumeSituation Released(string policy, bool deleting = false, bool finalizer = true) =>
        Made(Wanted with { Claim = null, Volume = Volume("Released", policy, "1Gi", deleting, finalizer) });

    private static VolumeSituation Anothers(string phase, string policy, bool deleting = false, string claim = "another") =>
        Made(Wanted with { Claim = null, Volume = Volume(phase, policy, "1Gi", deleting, true, claimUid: claim) });
}
