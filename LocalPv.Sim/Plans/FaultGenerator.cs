using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>Draws what goes wrong: which types of faults a seed has at all, how many of each, and how they fall together.</summary>
internal sealed class FaultGenerator
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly KeyedRandom _random;
    private readonly ClusterShape _cluster;
    private readonly TimeSpan _end;
    private readonly IReadOnlyList<TimeSpan> _moments;
    private readonly int _typePercent;
    private readonly int _most;
    private readonly int _togetherPercent;
    private readonly string _victim;

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
    }

    internal IEnumerable<TimedStep> Generate()
    {
        foreach (var info in FaultCatalog.All)
        {
            var draws = new Draws(_random.For(info.Word));
            if (info.Type == FaultType.LvmDropped || !draws.Chance(_typePercent))
            {
                continue;
            }

            var count = draws.Between(1, _most);
            for (var number = 0; number < count; number++)
            {
                yield return Draw(info, new Draws(_random.For(info.Word).Split(number)));
            }
        }
    }

    private TimedStep Draw(FaultInfo info, Draws draws)
    {
        var at = draws.Chance(_togetherPercent)
            ? draws.OneOf(_moments) + draws.Span(TimeSpan.FromMilliseconds(1), Soon)
            : draws.Time(TimeSpan.FromSeconds(1), _end);
        at = at < _end ? at : _end;
        var isForever = info.Settings.HasFlag(FaultSettings.Forever) && draws.Chance(20);
        return new TimedStep(at, new Step.Break(new Fault(info.Type, isForever ? _victim : TargetOf(info, draws))
        {
            Forever = isForever,
            For = info.Settings.HasFlag(FaultSettings.For) && !isForever ? LengthOf(info, draws) : TimeSpan.Zero,
            By = info.Settings.HasFlag(FaultSettings.By) ? AmountOf(info, draws) : TimeSpan.Zero,
            Percent = !info.Settings.HasFlag(FaultSettings.Percent) ? 100
                : info.Type == FaultType.ClockRate ? draws.Between(80, 125)
                : draws.OneOf([5, 20, 50, 100]),
            Disk = info.Settings.HasFlag(FaultSettings.Disk) ? draws.Between(1, _cluster.Disks) : 1,
        }));
    }

    private static TimeSpan LengthOf(FaultInfo info, Draws draws) => info.Type switch
    {
        FaultType.Crash => draws.Span(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5)),
        FaultType.Reboot => draws.Span(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)),
        FaultType.LoseNode => draws.Span(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15)),
        _ => draws.Span(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(12)),
    };

    private static TimeSpan AmountOf(FaultInfo info, Draws draws) => info.Type switch
    {
        FaultType.ExtenderSlow => draws.Span(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(12)),
        FaultType.Skew => draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        FaultType.LateWrites => draws.Span(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
        FaultType.LvmSlow => draws.Span(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(3)),
        _ => draws.Span(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(40)),
    };

    // LocalPv's own processes are where its bugs are; the others' are hit now and then.
    private static string TargetOf(FaultInfo info, Draws draws) => info.Scope switch
    {
        FaultScope.Cluster => "",
        FaultScope.Node => Target.Late(draws.Below(1000)),
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
