using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Tests.Plans;

public sealed class PlanTextTests
{
    [Fact]
    public void Write_PlansOfManySeeds_AreReadAsTheyWere()
    {
        var seen = new SortedSet<FaultType>();
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var plan = PlanGenerator.From(seed);
            var text = PlanWriter.Write(plan);
            var read = PlanReader.Read(text);
            Assert.Equal(text, PlanWriter.Write(read));
            Assert.Equal(plan.Steps.Select(step => step.At), read.Steps.Select(step => step.At));
            Assert.Equal(plan.HealAt, read.HealAt);
            Assert.Equal(plan.Recovery, read.Recovery);
            seen.UnionWith(plan.Faults.Select(step => ((Step.Break)step.What).Fault.Type));
        }

        Assert.Equal(Enum.GetValues<FaultType>().Except([FaultType.LvmDropped]), seen);
    }

    [Fact]
    public void FaultCatalog_EveryType_IsAtItsPlaceAndHasAWordOfItsOwn()
    {
        Assert.Equal(Enum.GetValues<FaultType>(), FaultCatalog.All.Select(info => info.Type));
        Assert.Equal(FaultCatalog.All.Length, FaultCatalog.All.Select(info => info.Word).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("at 5s fault lag agent/node-1 by=2s", "line 1: How long? Write 'at 9s for 30s fault lag ...'.")]
    [InlineData("at 5s for 1s fault lag agent/node-1", "line 1: 'lag' needs by=.")]
    [InlineData("at 5s for ever fault lag agent/node-1 by=2s", "line 1: 'lag' cannot last for ever.")]
    [InlineData("at 5s for 2s fault flood node-1", "line 1: 'flood' is no fault: use lag, stale")]
    [InlineData("at 5s for 2s pod web", "line 1: Only a fault lasts")]
    [InlineData("at 5s for 2s fault reboot", "line 1: Expected a node.")]
    [InlineData("knob agent.colour 3", "line 1: 'agent.colour' is no knob: use agent.api-timeout")]
    [InlineData("knob extenders none", "line 1: 'none' is no value of extenders: write a whole number.")]
    [InlineData("knob api.history 7", "line 1: '7' is no value of api.history: write a duration")]
    [InlineData("seed -4", "line 1: '-4' is no seed")]
    [InlineData("by 1m all bound", "line 1: 'by' is no statement: begin with seed, cluster, knob, at, heal or recover.")]
    public void Read_Mistake_NamesTheLineAndTheRemedy(string text, string message)
    {
        var error = Assert.Throws<PlanException>(() => PlanReader.Read(text));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
