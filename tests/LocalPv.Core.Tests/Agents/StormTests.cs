using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Whatever the API server answers, for however long: no agent asks it in a hot loop, and no two agents ask in step.</summary>
public sealed class StormTests
{
    // Seven copies of API objects, each watched anew after a second at the shortest (a server that ends watches so soon is not said to
    // have failed), and one round of writes every few seconds. A loop without a wait asks for thousands.
    private const int AMinuteMost = 500;

    // The same where watches live: what is written, tried again after ever longer waits.
    private const int WritesAMinuteMost = 100;
    private const int Minutes = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly Weather[] Weathers =
    [
        Everything("refuses the connection", OutcomeKind.Unavailable),
        Everything("has too many requests", OutcomeKind.Unavailable, TimeSpan.FromSeconds(1)),
        Everything("asks to wait for nothing", OutcomeKind.Unavailable, TimeSpan.Zero),
        Everything("does not know us", OutcomeKind.Refused),
        Everything("says that all is gone", OutcomeKind.Expired),
        Everything("does not know the types", OutcomeKind.NotFound),
        Watches("ends watches at once", OutcomeKind.Done, 0),
        Watches("ends watches after a second", OutcomeKind.Done, 1001),
        Watches("has no history", OutcomeKind.Expired, 0),
        Watches("has a history of two seconds", OutcomeKind.Expired, 2000),
        Watches("cuts watches", OutcomeKind.Unavailable, 300),
        Watches("refuses watches", OutcomeKind.Refused, 0),
        Writes("rejects writes", OutcomeKind.Rejected),
        Writes("sees conflicts in all writes", OutcomeKind.Conflict),
        Writes("knows nothing that is written to", OutcomeKind.NotFound),
        Writes("has everything already", OutcomeKind.AlreadyExists),
        Writes("takes no writes now", OutcomeKind.Unavailable),
        Writes("loses the answers of writes", OutcomeKind.InDoubt),
        Writes("refuses writes", OutcomeKind.Refused),
        Writes("says that what is written to is gone", OutcomeKind.Expired),
    ];

    public static TheoryData<string, string> Storms
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var weather in Weathers)
            {
                foreach (var agent in (string[])["agent", "controller", "extender"])
                {
                    all.Add(agent, weather.Name);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Storms))]
    public void Agent_InAnyStorm_AsksABoundedNumberOfTimes(string agent, string weather)
    {
        var storm = Start(agent, weather, spread: 1);
        var readsWork = Weathers.Single(each => each.Name == weather) is { WatchesEnd: null };
        for (var minute = 1; minute <= Minutes; minute++)
        {
            storm.Run(Minute, storm.Asked.Count + (readsWork && minute > 1 ? WritesAMinuteMost : AMinuteMost));
        }

        // Asking goes on: a storm that ends is noticed. Who can read learns of that by his watches.
        Assert.True(readsWork || storm.Asked[^1].At - storm.Asked[0].At > Minute * (Minutes - 1), "The agent has given up.");
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("controller")]
    [InlineData("extender")]
    public void Agents_AfterAnOutage_DoNotAskInStep(string agent)
    {
        var moments = Enumerable.Range(1, 20).Select(number =>
        {
            var storm = Start(agent, Weathers[0].Name, unchecked((ulong)number * 0x9E3779B97F4A7C15));
            storm.Run(Minute * 5, int.MaxValue);
            return storm.Asked[^1].At;
        });

        Assert.InRange(moments.Distinct().Count(), 18, 20);
    }

    private static Weather Everything(string name, OutcomeKind kind, TimeSpan? retryAfter = null) =>
        new(name, _ => (kind, retryAfter), (kind, TimeSpan.Zero));

    private static Weather Watches(string name, OutcomeKind kind, int milliseconds) =>
        new(name, _ => null, (kind, TimeSpan.FromMilliseconds(milliseconds)));

    private static Weather Writes(string name, OutcomeKind kind) => new(name, request => request.IsWrite ? (kind, null) : null);

    private static Storm Start(string agent, string weather, ulong spread)
    {
        // Something to do for each: a class to build a group for, a claim to serve, one to rescue.
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Minute);
        world.AddClaim("served", "1Gi");
        world.AddClaim("lost", "1Gi", "gone");
        world.Seed(ResourceTypes.Pods, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "direct"), ("namespace", "default"))),
            ("spec", JsonMap.Of(
                ("nodeName", "node-a"),
                ("containers", JsonList.Of(JsonMap.Of(("name", "main"), ("image", "main")))),
                ("volumes", JsonList.Of(JsonMap.Of(
                    ("name", "data"), ("persistentVolumeClaim", JsonMap.Of(("claimName", "waiting"))))))))));
        world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("waiting", "1Gi", null, TestWorld.ClassName));
        var reflector = new ReflectorOptions { Spread = spread };
        IAgent subject = agent switch
        {
            "agent" => new NodeAgent(new NodeAgentOptions { Node = NodeName.Parse("node-a"), Spread = spread }),
            "controller" => new ClusterAgent(new ClusterAgentOptions { Identity = "c", Spread = spread }),
            _ => new ExtenderAgent(new ExtenderOptions { Reflector = reflector }),
        };
        return new Storm(subject, world.Server, world.Lvm, Weathers.Single(each => each.Name == weather));
    }
}
