using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Driving;

public sealed class VirtualTimeDriverTests
{
    [Fact]
    public void Alarm_Replaced_WakesOnceAtTheLaterChoice()
    {
        var driver = new VirtualTimeDriver(new FakeApiServer(new FakeApiServerOptions()), Instant.Epoch);
        var sleeper = new Sleeper();
        driver.Start("sleeper", sleeper);

        driver.Run(TimeSpan.FromMinutes(1));

        Assert.Equal([Instant.Epoch + TimeSpan.FromSeconds(20)], sleeper.WokeAt);
    }

    private sealed class Sleeper : IAgent
    {
        public List<Instant> WokeAt { get; } = [];

        public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
        {
            if (happened is AgentEvent.Woke)
            {
                WokeAt.Add(now);
                return [];
            }

            return [new Effect.WakeAt(now + TimeSpan.FromSeconds(10)), new Effect.WakeAt(now + TimeSpan.FromSeconds(20))];
        }
    }
}
