using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Sweeps;

/// <summary>
/// The run that is swept where no other plan is named: a class comes, Pods with one claim and with two, a claim grows, and some go again.
/// Small, so that every moment of it can be tried, and without any fault of its own.
/// </summary>
public static class ReferencePlan
{
    private const string Text = """
        # The reference run of sweeps
        seed 1
        cluster nodes=2 disks=1 disk-size=20Gi
        knob controller.lease 45s
        knob kubelet.pod-sync 5m
        at 0s class fast
        at 8s pod one claims=a:4Gi:fast
        at 12s pod two claims=b:3Gi:fast,c:2Gi:fast
        at 16s resize a 5Gi
        at 20s delete pod one
        at 21s delete claim a
        at 26s pod next claims=d:9Gi:fast
        heal at 40s
        recover 12m
        """;

    /// <summary>A new copy of it.</summary>
    public static Plan Read() => PlanReader.Read(Text);
}
