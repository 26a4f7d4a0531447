using System.Globalization;
using LocalPv.Core.Units;
using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary>
/// Small plans for hunting: few nodes, few claims, one or two kinds of trouble, a short recovery. Each seed picks its trouble. A bug that
/// needs one fault is found by one of a dozen such runs, at a twentieth of the cost of a run with everything.
/// </summary>
public static class Galleries
{
    private static readonly string[] Troubles =
    [
        "",
        "at 20s for 90s fault lvm-in-doubt #0 percent=60",
        "at 20s for 2m fault lvm-fail #0 percent=60\nat 20s for 2m fault lvm-fail #1 percent=60\nat 90s fault expire all",
        "at 29s crash agent/node-1\nat 40s for ever fault lose-node node-1",
        "at 31s restart agent/node-1\nat 31s restart agent/node-2\nat 70s for 60s fault gap all\nat 75s fault compact",
        "at 25s fill node-1 7Gi\nat 25s fill node-2 7Gi\nat 5m unfill node-1\nat 5m unfill node-2",
        "at 20s for 2m fault lvm-half #0 percent=50\nat 33s restart agent/node-1",
        "at 28s for 3m fault lag agent/node-1 by=20s\nat 28s for 3m fault lag agent/node-2 by=20s",
        "at 29s for 2m fault lose all percent=30",
        "at 2m for ever fault lose-node node-1\nat 100s delete pod p0\nat 100s delete claim a0",
        "at 20s fill node-1 9Gi\nat 20s fill node-2 9Gi\nat 440s unfill node-1\nat 445s unfill node-2",
    ];

    /// <summary>The plan of that seed.</summary>
    public static Plan Plan(ulong seed)
    {
        var random = LocalPv.Sim.Engine.KeyedRandom.FromSeed(seed).For("gallery");
        var text = new System.Text.StringBuilder();
        text.AppendLine("cluster nodes=2 disks=1 disk-size=10Gi").AppendLine("heal at 6m").AppendLine("recover 16m")
            .AppendLine(random.Below(1, 3) == 0 ? "at 0s class fast extent=64Mi" : "at 0s class fast");
        for (var pod = 0; pod < 6; pod++)
        {
            var second = random.Below(100 + pod, 2) == 0;
            var at = 30 + random.Below(200 + pod, pod < 3 ? 2 : 60);
            var mebi = 1021 + random.Below(300 + pod, 2500);
            text.Append(CultureInfo.InvariantCulture, $"at {at}s pod p{pod} claims=a{pod}:{mebi}Mi:fast")
                .AppendLine(second ? string.Create(CultureInfo.InvariantCulture, $",b{pod}:{mebi + 3}Mi:fast") : "");
        }

        for (var gone = 0; gone < 3; gone++)
        {
            var at = 31_000 + random.Below(400 + gone, 90_000);
            text.AppendLine(CultureInfo.InvariantCulture, $"at {at}ms delete pod #{gone}").AppendLine(
                CultureInfo.InvariantCulture, $"at {at + 5}ms delete claim #{gone}");
        }

        text.AppendLine(Troubles[(int)(seed % (ulong)Troubles.Length)]);
        return PlanReader.Read(text.ToString()) with { Seed = seed };
    }
}
