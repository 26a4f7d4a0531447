using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>
/// After a write of a PersistentVolume or a claim whose end is not known nothing is asked for again before a look has been answered.
/// </summary>
public sealed class DoubtTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    public static TheoryData<string, string, string, bool> Writes
    {
        get
        {
            var all = new TheoryData<string, string, string, bool>();
            foreach (var isDone in (bool[])[true, false])
            {
                all.Add("PersistentVolume", "Create", "is made", isDone);
                all.Add("PersistentVolume", "Delete", "is deleted", isDone);
                all.Add("PersistentVolume", "Patch", "is deleted", isDone);
                all.Add("PersistentVolumeClaim", "Patch", "cannot grow", isDone);
                all.Add("PersistentVolumeClaim", "Patch", "does not fit", isDone);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public void Write_InDoubt_IsFollowedByALookThatIsAnswered(string kind, string verb, string claim, bool isDone)
    {
        var world = new TestWorld();
        world.AddClass();
        world.AddClaim("data", claim == "does not fit" ? "100Gi" : "1Gi");
        var isCut = false;
        world.FateOf = (_, effect) =>
        {
            if (!isCut && IsWrite(effect, kind) && RequestOf(effect)!.GetType().Name == verb)
            {
                isCut = true;
                return isDone ? Fate.AnswerIsLost : Fate.IsNotDone;
            }

            return isCut && IsAbout(effect, kind) ? Fate.IsNotDone : Fate.Runs;
        };
        world.Settle(Long);
        switch (claim)
        {
            case "is deleted":
                world.Delete(world.Claim("data")!);
                break;
            case "cannot grow":
                world.Patch(world.Claim("data")!, JsonMap.Empty.WithAt(["spec", "resources", "requests", "storage"], "100Gi"));
                break;
            default:
                break;
        }

        world.Settle(Long);
        Assert.True(isCut);
        Assert.DoesNotContain(
            world.History.SkipWhile(effect => !IsWrite(effect, kind) || RequestOf(effect)!.GetType().Name != verb).Skip(1),
            effect => IsWrite(effect, kind));

        world.FateOf = (_, _) => Fate.Runs;
        world.Settle(Long);
        Assert.True(IsOver(world, claim), world.Summary());
    }

    private static bool IsOver(TestWorld world, string claim) => claim switch
    {
        "is made" => world.Claim("data") is { Phase: "Bound" },
        "is deleted" => !world.Volumes.Any() && !world.Lvm.Volumes.Any(),
        "cannot grow" => world.EventReasons.Contains("VolumeResizeFailed"),
        _ => world.Claim("data") is { SelectedNode: null },
    };

    private static ClusterRequest? RequestOf(Effect effect) => (effect as Effect.CallCluster)?.Request;

    private static bool IsWrite(Effect effect, string kind) => IsAbout(effect, kind) && RequestOf(effect)!.IsWrite;

    private static bool IsAbout(Effect effect, string kind) =>
        RequestOf(effect) is not (null or ClusterRequest.List) && RequestOf(effect)!.Resource.Kind == kind;
}
