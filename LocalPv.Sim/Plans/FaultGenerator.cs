using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>Draws what goes wrong: which types of faults a seed has at all, how many of each, and how they fall together.</summary>
internal sealed class FaultGenerator
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MissedAfter = TimeSpan.FromSeconds(40);

    private const int PlaguePercent = 70;
    private const int PlagueMost = 5;

    private readonly KeyedRandom _random;
    private readonly ClusterShape _cluster;
    private readonly TimeSpan _end;
    private readonly IReadOnlyList<TimeSpan> _moments;
    private readonly int _typePercent;
    private readonly int _most;
    private readonly int _togetherPercent;
    private readonly string _victim;
    private readonly FaultFamily? _plague;

    /// <param name="random">The stream.</param>
    /// <param name="cluster">The nodes.</param>
    /// <param name="healAt">When the chaos ends.</param>
    /// <param name="moments">When users do something: faults like such moments.</param>
    internal FaultGenerator(KeyedRandom random, ClusterShape cluster, TimeSpan healAt, IReadOnlyList<TimeSpan> moments)
    {
        _random = random;
        _cluster = cluster;
        _end = healAt - TimeSpan.FromSeconds(10);
        _moments = moments;
        var draws = new Draws(random.For("swarm"));
        _typePercent = draws.OneOf([0, 5, 15, 30, 60]);
        _most = draws.OneOf([1, 3, 8]);
        _togetherPercent = draws.OneOf([0, 40, 90]);
        _victim = Target.Late(draws.Below(1000));
        _plague = draws.Chance(60) ? FaultFamilies.Draw(draws) : null;
    }

    internal IEnumerable<TimedStep> Generate()
    {
        foreach (var info in FaultCatalog.All)
        {
            var draws = new Draws(_random.For(info.Word));
            var isPlague = FaultFamilies.Of(info) == _plague;
            if (info.Type == FaultType.LvmDropped || !draws.Chance(isPlague ? PlaguePercent : _typePercent))
            {
                continue;
            }

            var count = isPlague ? draws.Between(2, PlagueMost) : draws.Between(1, _most);
            for (var number = 0; number < count; number++)
            {
                var step = Draw(info, isPlague, new Draws(_random.For(info.Word).Split(number)));
                yield return step;
                if (info.Type == FaultType.LoseNode && Stumble(step, new Draws(_random.For("stumble").Split(number))) is { } before)
                {
                    yield return before;
                }
            }
        }
    }

    private TimedStep Draw(FaultInfo info, bool isPlague, Draws draws)
    {
        var at = draws.Chance(isPlague ? Math.Max(_togetherPercent, PlaguePercent) : _togetherPercent)
            ? draws.OneOf(_moments) + draws.Span(TimeSpan.FromMilliseconds(1), Soon)
            : draws.Time(First, _end);
        var isForever = info.Settings.HasFlag(FaultSettings.Forever) && draws.Chance(info.Type == FaultType.LoseNode ? 50 : 20);
        if (info.Type == FaultType.LoseNode)
        {
            // For a while a machine that is gone is missed by nobody: what comes right then is sent there.
            at -= draws.Time(TimeSpan.Zero, MissedAfter);
        }

        at = at < First ? First : at < _end ? at : _end;
        return new TimedStep(at, new Step.Break(new Fault(info.Type, isForever ? _victim : TargetOf(info, isPlague, draws))
        {
            Forever = isForever,
            For = info.Settings.HasFlag(FaultSettings.For) && !isForever ? LengthOf(info, isPlague, draws) : TimeSpan.Zero,
            By = info.Settings.HasFlag(FaultSettings.By) ? AmountOf(info, draws) : TimeSpan.Zero,
            Percent = !info.Settings.HasFlag(FaultSettings.Percent) ? 100
                : info.Type == FaultType.ClockRate ? draws.Between(80, 125)
                : draws.OneOf([5, 20, 50, 100]),
            Disk = info.Settings.HasFlag(FaultSettings.Disk) ? draws.Between(1, _cluster.Disks) : 1,
        }));
    }

    // A machine that breaks often has trouble first: its agent is gone for a while, and what is sent there waits for it.
    private static TimedStep? Stumble(TimedStep lost, Draws draws)
    {
        if (!draws.Chance(60))
        {
            return null;
        }

        var ahead = draws.Span(Soon, TimeSpan.FromMinutes(8));
        var begin = lost.At - ahead < First ? First : lost.At - ahead;
        var agent = "agent/" + ((Step.Break)lost.What).Fault.Target;
        return new TimedStep(begin, new Step.Break(new Fault(FaultType.Crash, agent) { For = lost.At - begin + Long }));
    }

    private static TimeSpan LengthOf(FaultInfo info, bool isPlague, Draws draws) => info.Type switch
    {
        FaultType.Crash => draws.Span(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5)),
        FaultType.Reboot => draws.Span(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)),
        FaultType.LoseNode => draws.Span(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15)),
        _ => draws.Span(isPlague ? Long : TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(12)),
    };

    private static TimeSpan AmountOf(FaultInfo info, Draws draws) => info.Type switch
    {
        FaultType.ExtenderSlow => draws.Span(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(12)),
        FaultType.Skew or FaultType.Behind => draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        FaultType.LateWrites => draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
        FaultType.LvmSlow => draws.Span(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(3)),
        _ => draws.Span(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(40)),
    };

    // An API server or a kernel that misbehaves does so to everybody; what ends a process or a node does not end all at once.
    private static bool MayHitAll(FaultInfo info) =>
        FaultFamilies.Of(info) is FaultFamily.Watches or FaultFamily.Requests or FaultFamily.Commands
        && info.Scope != FaultScope.Cluster;

    // LocalPv's own processes are where its bugs are; the others' are hit now and then.
    private static string TargetOf(FaultInfo info, bool isPlague, Draws draws) => info.Scope switch
    {
        FaultScope.Cluster => "",
        _ when MayHitAll(info) && draws.Chance(isPlague ? 50 : 15) => Target.All,
        FaultScope.Node => Target.Late(draws.Below(1000)),
        _ when info.Type == FaultType.Behind => draws.OneOf(["agent/", "extender", "controller"]) + Target.Late(draws.Below(1000)),
        _ when info.Type == FaultType.TwoLeaders => "controller" + Target.Late(draws.Below(1000)),
        _ when info.Type == FaultType.Twin => draws.Chance(70) ? "agent/" + Target.Late(draws.Below(1000)) : "extender",
        _ => draws.Weighted([45, 12, 12, 12, 8, 6, 5]) switch
        {
            0 => "agent/" + Target.Late(draws.Below(1000)),
            1 => "extender" + Target.Late(draws.Below(1000)),
            2 => "controller" + Target.Late(draws.Below(1000)),
            3 => "scheduler",
            4 => "persistentvolume-controller",
            5 => "kubelet/" + Target.Late(draws.Below(1000)),
            _ => Target.Late(draws.Below(1000)),
        },
    };
}
