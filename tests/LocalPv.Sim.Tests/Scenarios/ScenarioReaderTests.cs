using LocalPv.Core.Units;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    [Fact]
    public void Read_AllStatements_GivesThemInOrderOfTime()
    {
        var scenario = ScenarioReader.Read("""
            # A story
            cluster nodes=2 disks=1 disk-size=10Gi
            at 5s pod web claims=data:5Gi:fast,old node=node-1   # a comment
            at 0s class fast nodes=node-1,node-2 reserve=1Gi
            at 250ms statefulset db replicas=3 claims=data:1Gi:fast
            at 1h restart agent/node-1
            by 2m pod web Running on node-1
            by 2m all bound
            run on 1m
            """);
        Assert.Equal("A story", scenario.Title);
        Assert.Equal(new ClusterShape(2, 1, Bytes.FromGibibytes(10)), scenario.Cluster);
        Assert.Equal(TimeSpan.FromMinutes(1), scenario.Length);
        Assert.Equal([4, 5, 3, 6, 6], scenario.Steps.Select(step => step.Line));
        Assert.IsType<Step.Crash>(scenario.Steps[3].What);
        Assert.IsType<Step.Start>(scenario.Steps[4].What);
        var pod = Assert.IsType<Step.MakePod>(scenario.Steps[2].What);
        Assert.Equal([new ClaimText("data", "5Gi", "fast"), new ClaimText("old", "", "")], pod.Claims.AsEnumerable());
        Assert.Equal("node-1", pod.Node);
        Assert.Equal(new Condition.PodIs("web", "Running", "node-1"), scenario.Expectations[0].What);
    }

    [Theory]
    [InlineData("\nat 5x pod web", "line 2: '5x' is no duration: write 250ms, 5s, 2m or 1h.")]
    [InlineData("at 5s pod Web", "line 1: 'Web' is no name for a Pod")]
    [InlineData("at 5s pod web claims=data:5Q:fast", "line 1: '5Q' is no size")]
    [InlineData("at 5s pod web claims=a:b", "line 1: 'a:b' is no claim: write name:size:class")]
    [InlineData("at 5s pod web colour=red", "line 1: 'colour' is no setting of this line.")]
    [InlineData("at 5s pod web now", "line 1: 'now' is more than this line takes.")]
    [InlineData("at 5s explode", "line 1: 'explode' is no step: use namespace, priority, class, pod")]
    [InlineData("by 5s pod", "line 1: Expected a Pod.")]
    [InlineData("when 5s", "line 1: 'when' is no statement: begin with cluster, run, at or by.")]
    [InlineData("at 5s delete shoe x", "line 1: 'shoe' is no kind: use pod, claim")]
    [InlineData("at 5s claim a class=x", "line 1: A claim needs size=.")]
    [InlineData("cluster nodes=3 nodes=4", "line 1: 'nodes' is given twice.")]
    public void Read_Mistake_NamesTheLineAndTheRemedy(string text, string message)
    {
        var error = Assert.Throws<PlanException>(() => ScenarioReader.Read(text));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
