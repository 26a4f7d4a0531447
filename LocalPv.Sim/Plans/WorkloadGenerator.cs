using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Plans;

/// <summary>Draws what users do: classes first, then Pods, claims and sets that come, grow, shrink and go.</summary>
internal sealed class WorkloadGenerator
{
    private const int MebibytesOfGibibyte = 1024;
    private const string Team = "team";
    private const string Important = "important";

    private readonly KeyedRandom _random;
    private readonly ClusterShape _cluster;
    private readonly TimeSpan _end;
    private readonly List<TimedStep> _steps = [];
    private readonly int[] _weights;
    private readonly int _claims;
    private readonly int _meanMebibytes;
    private readonly int _classes;
    private readonly bool _hasTeam;
    private readonly bool _hasPriorities;
    private string _space = "";
    private int _made;

    internal WorkloadGenerator(KeyedRandom random, ClusterShape cluster, TimeSpan healAt)
    {
        _random = random;
        _cluster = cluster;
        _end = healAt - TimeSpan.FromMinutes(2);
        var draws = new Draws(random.For("swarm"));
        _claims = draws.Between(20, 60);
        _classes = draws.Chance(60) ? 1 : 2;
        var all = cluster.Nodes * cluster.Disks * (int)(cluster.DiskSize.Value >> 20);
        _meanMebibytes = Math.Max(64, all * draws.OneOf([30, 60, 90, 120, 180]) / 100 / _claims);
        _weights = [.. Usual.Select((weight, kind) => kind == 0 || !draws.Chance(30) ? weight : 0)];
        Favour(new Draws(random.For("favourite")));
        _hasTeam = draws.Chance(40);
        _hasPriorities = draws.Chance(25);
    }

    private enum Kind
    {
        Pod,
        PodOfManyClaims,
        PodOnExistingClaim,
        ClaimAlone,
        Set,
        Burst,
        DeletePod,
        DeletePodAndClaim,
        DeleteClaim,
        Recreate,
        Resize,
        Scale,
        Reclaim,
        PodOnNode,
        RemakeClass,
        DeleteSet,
    }

    private static readonly int[] Usual = [28, 12, 4, 4, 5, 3, 8, 14, 5, 5, 8, 4, 3, 2, 1, 2];

    internal List<TimedStep> Generate()
    {
        MakeClasses();
        if (_hasPriorities)
        {
            Add(TimeSpan.Zero, new Step.MakePriority(Important, 1000));
        }

        if (_hasTeam)
        {
            MakeTeam();
        }

        for (var number = 0; _made < _claims && number < 4 * _claims; number++)
        {
            var draws = new Draws(_random.For("operation").Split(number));
            var at = draws.Time(TimeSpan.FromSeconds(3), _end);
            _space = _hasTeam && new Draws(_random.For("space").Split(number)).Chance(50) ? Team + "/" : "";
            Add(draws, number, at, (Kind)draws.Weighted(_weights));
        }

        return _steps;
    }

    // What is seldom in all seeds is often in some.
    private void Favour(Draws draws)
    {
        if (draws.Chance(40))
        {
            _weights[draws.Below((int)Kind.RemakeClass)] = 40;
        }
    }

    private void MakeClasses()
    {
        var draws = new Draws(_random.For("classes"));
        var extent = ExtentOf(new Draws(_random.For("extent")));
        var isSplit = _classes == 2 && _cluster.Disks > 1 && draws.Chance(60);
        for (var number = 1; number <= _classes; number++)
        {
            var reserve = draws.Chance(30) ? "256Mi" : null;
            Add(TimeSpan.Zero, new Step.MakeClass(ClassName(number), [], reserve, draws.Chance(85) ? null : "Retain")
            {
                VolumeGroup = isSplit || _classes == 1 ? null : "shared",
                Disks = !isSplit ? [] : number == 1 ? [1] : [.. Enumerable.Range(2, _cluster.Disks - 1)],
                ExtentSize = extent,
                Layout = _classes == 1 ? LayoutOf(draws) : null,
                Wipe = draws.Chance(20) ? "signatures" : null,
                IsByLabel = new Draws(_random.For("label")).Chance(20),
            });
        }
    }

    // Large extents: what is rounded up decides whether Pods fit.
    private static string? ExtentOf(Draws draws) => draws.Chance(50) ? draws.OneOf(["1Mi", "64Mi", "512Mi", "2Gi"]) : null;

    // A namespace of its own for some of it, which goes with everything in it and comes again.
    private void MakeTeam()
    {
        var draws = new Draws(_random.For(Team));
        Add(TimeSpan.Zero, new Step.MakeNamespace(Team));
        for (var number = draws.Between(0, 2); number > 0; number--)
        {
            var at = draws.Time(TimeSpan.FromMinutes(2), _end);
            Add(at, new Step.Delete("namespace", Team));
            at += draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
            Add(at, new Step.MakeNamespace(Team));
            Add(at + draws.Span(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)), new Step.MakeNamespace(Team));
        }
    }

    private string? LayoutOf(Draws draws) => draws.Below(100) switch
    {
        < 6 => "thin",
        < 12 when _cluster.Disks > 1 => "striped",
        < 18 when _cluster.Disks > 1 => "raid1",
        _ => null,
    };

    private void Add(Draws draws, int number, TimeSpan at, Kind kind)
    {
        switch (kind)
        {
            case Kind.Pod:
                AddPod(draws, "pod", number, at, 1);
                break;
            case Kind.PodOfManyClaims:
                AddPod(draws, "pod", number, at, draws.Between(2, 3));
                break;
            case Kind.PodOnExistingClaim:
                Add(at, new Step.MakePod(Name("guest", number), [new ClaimText(Late(draws), "", "")], null));
                break;
            case Kind.ClaimAlone:
                Add(at, new Step.MakeClaim(NewClaim(draws, Name("lone", number))));
                break;
            case Kind.Set:
                var replicas = draws.Between(1, 4);
                _made += replicas;
                ImmutableArray<ClaimText> templates = draws.Chance(30)
                    ? [NewClaim(draws, "data"), NewClaim(draws, "log")]
                    : [NewClaim(draws, "data")];
                Add(at, new Step.MakeStatefulSet(Name("set", number), replicas, templates));
                break;
            case Kind.Burst:
                for (var one = 0; one < 5; one++)
                {
                    AddPod(draws, "burst" + one.ToString(CultureInfo.InvariantCulture), number, at, 1);
                }

                break;
            case Kind.PodOnNode:
                _made++;
                Add(at, new Step.MakePod(Name("pinned", number), [NewClaim(draws, Name("data", number))], Late(draws)));
                break;
            default:
                Change(draws, number, at, kind);
                break;
        }
    }

    private void Change(Draws draws, int number, TimeSpan at, Kind kind)
    {
        switch (kind)
        {
            case Kind.DeletePod:
                Add(at, new Step.Delete("pod", Late(draws)));
                break;
            case Kind.DeletePodAndClaim:
                Add(at, new Step.Delete("pod", Late(draws)));
                Add(at + draws.Span(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20)), new Step.Delete("claim", Late(draws)));
                break;
            case Kind.DeleteClaim:
                Add(at, new Step.Delete("claim", Late(draws)));
                break;
            case Kind.Recreate:
                Recreate(draws, number, at);
                break;
            case Kind.Resize:
                Add(at, new Step.Resize(Late(draws), Size(draws, 2)));
                break;
            case Kind.Scale:
                Add(at, new Step.Scale(Late(draws), draws.Between(0, 5)));
                break;
            case Kind.Reclaim:
                Add(at, new Step.Reclaim(Late(draws), draws.OneOf(["Retain", "Delete"])));
                break;
            case Kind.RemakeClass:
                Add(at, new Step.Delete("class", ClassName(1)));
                Add(
                    at + draws.Span(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
                    _steps.Find(step => step.What is Step.MakeClass)!.What);
                break;
            default:
                Add(at, new Step.Delete("statefulset", Late(draws)));
                break;
        }
    }

    // The same names again while the old ones may still be going.
    private void Recreate(Draws draws, int number, TimeSpan at)
    {
        var claim = NewClaim(draws, Name("data", number));
        var pod = new Step.MakePod(Name("again", number), [claim], null);
        _made++;
        Add(at, pod);
        at += draws.Span(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2));
        Add(at, new Step.Delete("pod", pod.Name));
        Add(at + draws.Span(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2)), new Step.Delete("claim", claim.Name));
        at += draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Add(at, pod with { Claims = [claim with { Size = Size(draws, 1) }] });
    }

    private void AddPod(Draws draws, string word, int number, TimeSpan at, int claims)
    {
        _made += claims;
        var wish = new Draws(_random.For("priority").For(word).Split(number));
        var asks = _hasPriorities && wish.Chance(60);
        Add(at, new Step.MakePod(
            Name(word, number),
            [.. Enumerable.Range(0, claims).Select(index => NewClaim(draws, Name(word + (char)('a' + index), number)))],
            null)
        {
            Cpu = asks ? wish.OneOf(["2", "3", "5"]) : null,
            Priority = asks && wish.Chance(40) ? Important : null,
        });
    }

    private void Add(TimeSpan at, Step what) => _steps.Add(new TimedStep(at < _end ? at : _end, _space.Length == 0 ? what : InSpace(what)));

    private Step InSpace(Step what) => what switch
    {
        Step.MakePod make => make with { Name = _space + make.Name },
        Step.MakeStatefulSet make => make with { Name = _space + make.Name },
        Step.MakeClaim make => make with { Claim = make.Claim with { Name = _space + make.Claim.Name } },
        Step.Delete { Kind: "pod" or "claim" } delete when !Target.IsLate(delete.Name) => delete with { Name = _space + delete.Name },
        _ => what,
    };

    private ClaimText NewClaim(Draws draws, string name) => new(name, Size(draws, 1), ClassName(draws.Between(1, _classes)));

    private string Size(Draws draws, int times)
    {
        var mebibytes = times * Math.Max(1, _meanMebibytes * draws.Between(20, 180) / 100);
        return draws.Below(4) switch
        {
            0 => ((mebibytes + MebibytesOfGibibyte - 1) / MebibytesOfGibibyte).ToString(CultureInfo.InvariantCulture) + "Gi",
            1 => mebibytes.ToString(CultureInfo.InvariantCulture) + "M",
            _ => mebibytes.ToString(CultureInfo.InvariantCulture) + "Mi",
        };
    }

    private static string Late(Draws draws) => Target.Late(draws.Below(1000));

    private static string Name(string word, int number) => string.Create(CultureInfo.InvariantCulture, $"{word}-{number}");

    private static string ClassName(int number) => number == 1 ? "fast" : "slow";
}
