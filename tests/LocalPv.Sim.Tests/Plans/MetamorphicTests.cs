using FsCheck;
using FsCheck.Fluent;
using LocalPv.Contracts;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Plans;

/// <summary>
/// What must come out the same though the way there was another: with more nodes, in another order, by another path, through faults that
/// were healed. Where volumes lie is not compared, only that they do, how many and how large. Every run keeps all invariants.
/// </summary>
public sealed class MetamorphicTests
{
    private const int Plans = 3;

    // Every property is tried with the same plans.
    private static readonly Dictionary<string, string[]> Ends = new(StringComparer.Ordinal);

    [Fact]
    public void SmallPlan_WithoutFaults_RunsEveryPodAndBindsEveryClaim() => Holds(plan =>
    {
        Assert.All(EndOf(plan).Where(line => line.StartsWith("pod", StringComparison.Ordinal)), pod =>
            Assert.EndsWith(" Running", pod, StringComparison.Ordinal));
        return plan;
    });

    [Fact]
    public void IdleNodes_Added_MakeNothingUnplaceable() =>
        Holds(plan => plan with { Cluster = plan.Cluster with { Nodes = plan.Cluster.Nodes + 2 } });

    /// <summary>Other latencies and ties, and users who do several things at the same moment in another order.</summary>
    [Fact]
    public void EventsOfOneMoment_InAnotherOrder_EndTheSame() =>
        Holds(plan => plan with { Seed = plan.Seed + 1, Steps = [.. plan.Steps.Select(Together).Reverse().OrderBy(step => step.At)] });

    [Fact]
    public void Claim_MadeLarge_EndsAsOneThatHasGrown() => Holds(plan =>
    {
        var grown = plan.Steps.Select(step => step.What).OfType<Step.Resize>().ToDictionary(step => step.Claim, step => step.Size);
        return plan with
        {
            Steps =
            [
                .. plan.Steps.Where(step => step.What is not Step.Resize).Select(step => step.What is Step.MakePod make
                    ? step with
                    {
                        What = make with
                        {
                            Claims =
                            [
                                .. make.Claims.Select(claim => claim with { Size = grown.GetValueOrDefault(claim.Name, claim.Size) }),
                            ],
                        },
                    }
                    : step),
            ],
        };
    });

    [Fact]
    public void Pods_TakenAwayAndMadeAgain_EndAsThoseThatStayed() => Holds(plan => plan with
    {
        Steps =
        [
            .. plan.Steps.Concat(plan.Steps.SelectMany(Again)).Append(At(15, new Step.Scale("db", 0)))
                .Concat(plan.Steps.Where(step => step.What is Step.Scale).Select(step => step with { At = TimeSpan.FromMinutes(17) }))
                .OrderBy(step => step.At),
        ],
    });

    /// <summary>The faults of other seeds' plans, as far as they end and destroy nothing, leave no trace behind.</summary>
    [Fact]
    public void Faults_Healed_LeaveTheStateOfARunWithout() => Holds(plan =>
    {
        var share = plan.HealAt!.Value.TotalMinutes / 75;
        var faults = Faultful(plan.Seed).Select(step => (step.At, ((Step.Break)step.What).Fault)).Where(step => IsHarmless(step.Fault))
            .Select(step => new TimedStep(
                step.At * share, new Step.Break(step.Fault with { For = Whole(step.Fault.For * share) })));
        return plan with { Steps = [.. plan.Steps.Concat(faults).OrderBy(step => step.At)] };
    });

    private static void Holds(Func<Plan, Plan> other) => Check.One(
        Tries.Of(Plans),
        Prop.ForAll(SmallPlans.All, plan =>
        {
            Assert.Equal(EndOf(plan), EndOf(other(plan)));
            return true;
        }));

    // To the millisecond, as plans are written.
    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromMilliseconds((long)time.TotalMilliseconds);

    private static TimedStep Together(TimedStep step) =>
        step.What is Step.MakePod or Step.MakeStatefulSet ? step with { At = TimeSpan.FromSeconds(10) } : step;

    // A Pod that goes and comes with the claims that it left; not one that its user did away with.
    private static IEnumerable<TimedStep> Again(TimedStep step) => step.What is Step.MakePod { Name: not "p2" } make
        ?
        [
            At(16, new Step.Delete("pod", make.Name)),
            At(17, make with { Claims = [.. make.Claims.Select(claim => new ClaimText(claim.Name, "", ""))] }),
        ]
        : [];

    private static TimedStep At(int minutes, Step what) => new(TimeSpan.FromMinutes(minutes), what);

    // Some seeds have no faults at all: then those of the next that has many.
    private static IEnumerable<TimedStep> Faultful(ulong seed)
    {
        while (true)
        {
            var plan = PlanGenerator.From(seed++);
            if (plan.Size.Faults >= 10)
            {
                return plan.Faults;
            }
        }
    }

    // What hits everybody delays users for so long that they delete what was never there.
    private static bool IsHarmless(Fault fault) => !fault.Forever && fault.Target != Target.All && fault.Type is not (
        FaultType.LoseNode or FaultType.ReplaceNode or FaultType.MovedDisks or FaultType.Foreign or FaultType.SameNameGroup
        or FaultType.CloneDisk or FaultType.LvmDropped or FaultType.RemoveByHand);

    private static string[] EndOf(Plan plan)
    {
        var text = PlanWriter.Write(plan);
        if (!Ends.TryGetValue(text, out var lines))
        {
            var end = new EndState();
            var report = PlanRunner.Run(plan, new RunOptions { Observers = [end] });
            Assert.True(report.IsGood, $"{report.Violation}\n{plan}");
            Ends.Add(text, lines = end.Lines);
        }

        return lines;
    }

    private sealed class EndState : Invariant
    {
        public string[] Lines { get; private set; } = [];

        public override string Id => "end";

        public override string Statement => "What is there at the end is written down.";

        public override void OnEnd()
        {
            var server = Run.Cluster.Server;
            var claims = server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>().Select(claim =>
                $"claim {claim.Name} {claim.Phase} {(claim.Tree.At("status", "capacity", "storage") as JsonText)?.Value}");
            var pods = server.Snapshot(ResourceTypes.Pods).Cast<Pod>().Select(pod => $"pod {pod.Name} {pod.Phase}");
            var volumes = Run.Cluster.Nodes.Values.SelectMany(node => node.Truth.VolumeGroups).SelectMany(group => group.LogicalVolumes);
            Lines =
            [
                .. claims.Concat(pods).Order(StringComparer.Ordinal),
                $"volumes {volumes.Count()}, extents {volumes.Sum(volume => volume.Extents.Value)}",
            ];
        }
    }
}
