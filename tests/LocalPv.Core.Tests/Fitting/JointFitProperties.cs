using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.Agents;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Fitting;

/// <summary>
/// The filter against oracles that share no code with it: all claims of a Pod in all orders, extent by extent; and the arithmetic of LVM's
/// allocator. Sizes are counted in extents of 4 MiB; some claims ask for a byte less or more than whole extents.
/// </summary>
public sealed class JointFitProperties
{
    private const long ExtentBytes = 4L << 20;

    private static readonly string[] Classes = ["a", "b", "c"];
    private static readonly string[] Groups = ["vg", "other"];
    private static readonly string[] Layouts =
    [
        """{"type":"linear"}""",
        """{"type":"striped","stripes":2}""",
        """{"type":"striped","stripes":3}""",
        """{"type":"raid1","mirrors":1}""",
        """{"type":"raid1","mirrors":2}""",
    ];

    /// <summary>Several classes in one or several groups, reserves, promises and volumes that are there: a node passes if and only if
    /// lvcreate would succeed for every claim in every order.</summary>
    [Fact]
    public void Filter_ClaimsOfSeveralClasses_AgreesWithTryingEveryOrder() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var world = new ExtenderWorld();
            world.Put([.. Classes.Select(name => ExtenderWorld.StorageClass(name))]);
            var free = Groups.ToDictionary(group => group, _ => (long)random.Next(0, 24));
            var reserve = Classes.ToDictionary(name => name, _ => (long)random.Next(0, 3));
            var groupOf = Classes.Where(_ => random.Next(8) > 0).ToDictionary(name => name, _ => Groups[random.Next(2)]);
            foreach (var (name, group) in groupOf)
            {
                world.Put(world.Storage(name, "n1", Extents(free[group]), group: group, reserve: Extents(reserve[name])));
            }

            var promised = RandomClaims(random, "other", 3, groupOf.Keys);
            var wanted = RandomClaims(random, "mine", 4, Classes);
            world.Put([.. promised.Select(claim => ExtenderWorld.Claim(claim.Name, Text(claim.Bytes), claim.Class, node: "n1"))]);
            world.Put([.. wanted.Select(claim => ExtenderWorld.Claim(claim.Name, Text(claim.Bytes), claim.Class))]);
            world.Start();
            var passed = world.Passed(ExtenderWorld.Pod("p", [.. wanted.Select(claim => claim.Name)]), "n1").Length == 1;

            var left = Groups.ToDictionary(group => group, group => free[group]
                - groupOf.Where(entry => entry.Value == group).Select(entry => reserve[entry.Key]).DefaultIfEmpty(0).Max());
            foreach (var claim in promised)
            {
                left[groupOf[claim.Class]] -= claim.Extents;
            }

            Assert.Equal(Orders(wanted).All(order => AllSucceed(order, groupOf, left)), passed);
        }));

    /// <summary>One claim, any layout, any disks: the filter says what LVM's allocator finds.</summary>
    [Fact]
    public void Filter_AnyLayoutOnAnyDisks_AgreesWithTheAllocator() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var disks = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(0, 12)).ToArray();
            var layout = Layouts[random.Next(Layouts.Length)];
            var bytes = (random.Next(1, 24) * ExtentBytes) + random.Next(-1, 2);
            var world = new ExtenderWorld();
            world.Put(
                ExtenderWorld.StorageClass("a"),
                world.Storage("a", "n1", Extents(disks.Sum()), layout: layout).WithAt(["status", "disks"], Report(disks)),
                ExtenderWorld.Claim("mine", Text(bytes), "a")).Start();
            var passed = world.Passed(ExtenderWorld.Pod("p", "mine"), "n1").Length == 1;

            var extents = new ExtentCount((bytes + ExtentBytes - 1) / ExtentBytes);
            var found = LayoutAllocation.TryTake(LayoutOf(layout), extents, ExtentSize.From(new Bytes(ExtentBytes)), disks);
            Assert.True(found == passed, $"{layout} of {bytes} bytes: LVM {found}, filter {passed}");
        }));

    private static bool AllSucceed(Wanted[] order, Dictionary<string, string> groupOf, Dictionary<string, long> left)
    {
        var now = new Dictionary<string, long>(left);
        foreach (var claim in order)
        {
            if (!groupOf.TryGetValue(claim.Class, out var group))
            {
                return false;
            }

            for (var extent = 0; extent < claim.Extents; extent++)
            {
                if (--now[group] < 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static IEnumerable<Wanted[]> Orders(Wanted[] claims) => claims.Length <= 1
        ? [claims]
        : claims.SelectMany(first => Orders([.. claims.Where(claim => claim != first)]).Select(rest => (Wanted[])[first, .. rest]));

    private static Wanted[] RandomClaims(Random random, string name, int most, IEnumerable<string> classes)
    {
        var among = classes.ToArray();
        return among.Length == 0 ? [] :
        [
            .. Enumerable.Range(0, random.Next(1, most + 1)).Select(number => new Wanted(
                $"{name}-{number}", among[random.Next(among.Length)], (random.Next(1, 9) * ExtentBytes) + random.Next(-1, 2))),
        ];
    }

    private static JsonList Report(long[] disks) => new([.. disks.Select((free, index) => (JsonTree)JsonMap.Of(
        ("path", $"/dev/sd{(char)('b' + index)}"), ("size", Extents(40)), ("free", Extents(free)), ("state", "InGroup")))]);

    private static Layout LayoutOf(string text)
    {
        var map = (JsonMap)JsonTree.Parse(text);
        return map.Text("type") switch
        {
            "striped" => new Layout(LayoutType.Striped, Stripes: (int)map.Number("stripes")!),
            "raid1" => new Layout(LayoutType.Raid1, Mirrors: (int)map.Number("mirrors")!),
            _ => Layout.Linear,
        };
    }

    private static string Extents(long count) => Text(count * ExtentBytes);

    private static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private sealed record Wanted(string Name, string Class, long Bytes)
    {
        public long Extents => (Bytes + ExtentBytes - 1) / ExtentBytes;
    }
}
