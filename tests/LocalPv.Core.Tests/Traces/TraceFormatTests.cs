using LocalPv.Core.Agents;
using LocalPv.Core.Capacity;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Placement;
using LocalPv.Core.Traces;

namespace LocalPv.Core.Tests.Traces;

public sealed class TraceFormatTests
{
    [Fact]
    public void Header_EverySettingIsOdd_HasThemAll()
    {
        var odd = new NodeAgentOptions
        {
            Node = NodeName.Parse("odd"),
            Provisioner = "odd.example.com",
            CapacityNamespace = "odd",
            ScanPeriod = TimeSpan.FromTicks(1),
            ScanGap = TimeSpan.FromTicks(2),
            ScanTimeout = TimeSpan.FromTicks(3),
            MutationTimeout = TimeSpan.FromTicks(4),
            ApiTimeout = TimeSpan.FromTicks(5),
            ReportPeriod = TimeSpan.FromTicks(6),
            OrphanGrace = TimeSpan.FromTicks(7),
            MissingGroupGrace = TimeSpan.FromTicks(8),
            NewDiskGrace = TimeSpan.FromTicks(21),
            HungAfter = TimeSpan.FromTicks(9),
            Backoff = new Backoff(TimeSpan.FromTicks(10), TimeSpan.FromTicks(11)),
            Spread = ulong.MaxValue - 12,
            Reflector = new ReflectorOptions
            {
                PageSize = 13,
                ListTimeout = TimeSpan.FromTicks(14),
                Backoff = new Backoff(TimeSpan.FromTicks(15), TimeSpan.FromTicks(16)),
                SilenceLimit = TimeSpan.FromTicks(17),
                ShortWatch = TimeSpan.FromTicks(18),
                StaleListLimit = TimeSpan.FromTicks(19),
                ShortHistory = TimeSpan.FromTicks(20),
            },
        };

        // A setting that is new has its default here: then it is missing above, and perhaps in the header.
        var usual = new NodeAgentOptions { Node = NodeName.Parse("usual") };
        Assert.All(typeof(NodeAgentOptions).GetProperties(), one => Assert.NotEqual(one.GetValue(usual), one.GetValue(odd)));
        Assert.All(
            typeof(ReflectorOptions).GetProperties().Where(one => one.Name != nameof(ReflectorOptions.Spread)),
            one => Assert.NotEqual(one.GetValue(usual.Reflector), one.GetValue(odd.Reflector)));

        var header = (JsonMap)JsonTree.Parse(TraceFormat.Header(odd, "1.2.3").ToString());
        Assert.Equal(TraceFormat.Name, header.Text("format"));
        Assert.Equal("1.2.3", header.Text("version"));
        Assert.Equal(odd, NodeAgentOptionsTree.Read(header.Map("options")!));
    }

    [Fact]
    public void Header_OfTheExtender_HasEverySetting()
    {
        var odd = new ExtenderOptions
        {
            Provisioner = "p",
            Score = ScoreRule.Pack,
            Ledger = new CapacityLedgerOptions { OfferLifetime = TimeSpan.FromTicks(1), ReportLag = TimeSpan.FromTicks(2) },
            StaleAfter = TimeSpan.FromTicks(3),
            UnknownClaimPatience = TimeSpan.FromTicks(4),
            CapacityNamespace = "c",
            WakeGap = TimeSpan.FromTicks(5),
            TickPeriod = TimeSpan.FromTicks(6),
            Reflector = new ReflectorOptions { PageSize = 3, Spread = ulong.MaxValue - 7 },
        };
        var usual = new ExtenderOptions();
        Assert.All(typeof(ExtenderOptions).GetProperties(), one => Assert.NotEqual(one.GetValue(usual), one.GetValue(odd)));
        Assert.All(
            typeof(CapacityLedgerOptions).GetProperties(), one => Assert.NotEqual(one.GetValue(usual.Ledger), one.GetValue(odd.Ledger)));
        var header = (JsonMap)JsonTree.Parse(TraceFormat.Header(odd, "1.2.3").ToString());
        Assert.Equal(TraceFormat.Extender, header.Text("agent"));
        Assert.Equal(odd, ExtenderOptionsTree.Read(header.Map("options")!));
    }

    [Fact]
    public void Header_OfTheClustersAgent_HasEverySetting()
    {
        var odd = new ClusterAgentOptions
        {
            Identity = "one",
            Provisioner = "p",
            LeaseNamespace = "ln",
            LeaseName = "l",
            LeaseDuration = TimeSpan.FromTicks(3),
            RenewDeadline = TimeSpan.FromTicks(2),
            LeaseRetry = TimeSpan.FromTicks(1),
            CapacityNamespace = "c",
            ReviewGap = TimeSpan.FromTicks(4),
            ReviewPeriod = TimeSpan.FromTicks(5),
            NodeGoneGrace = TimeSpan.FromTicks(6),
            NodeLostAfter = TimeSpan.FromTicks(7),
            StuckAfter = TimeSpan.FromTicks(8),
            ApiTimeout = TimeSpan.FromTicks(9),
            Backoff = new Backoff(TimeSpan.FromTicks(10), TimeSpan.FromTicks(11)),
            Spread = ulong.MaxValue,
            Reflector = new ReflectorOptions { PageSize = 3 },
        };
        var usual = new ClusterAgentOptions { Identity = "usual" };
        Assert.All(typeof(ClusterAgentOptions).GetProperties(), one => Assert.NotEqual(one.GetValue(usual), one.GetValue(odd)));
        var header = (JsonMap)JsonTree.Parse(TraceFormat.Header(odd, "1.2.3").ToString());
        Assert.Equal((TraceFormat.ClusterAgent, "1.2.3"), (header.Text("agent"), header.Text("version")));
        Assert.Equal(odd, ClusterAgentOptionsTree.Read(header.Map("options")!));
    }

    [Theory]
    [InlineData("PersistentVolumeClaim", """{"metadata":{"annotations":{"vault.example.com/token":"s3cret","localpv.io/lost":"true"}}}""")]
    [InlineData("PersistentVolumeClaim", """{"metadata":{"annotations":{"token":"s3cret"},"managedFields":[{"manager":"s3cret"}]}}""")]
    [InlineData("Node", """{"metadata":{"annotations":{"notkubernetes.io/token":"s3cret"}},"status":{"images":["s3cret"]}}""")]
    [InlineData("Pod", """{"spec":{"containers":[{"env":[{"name":"A","value":"s3cret"}]}],"initContainers":[{"args":["s3cret"]}]}}""")]
    [InlineData("Secret", """{"data":{"a":"s3cret"},"stringData":{"b":"s3cret"}}""")]
    [InlineData("ConfigMap", """{"data":{"a":"s3cret"},"binaryData":{"b":"s3cret"}}""")]
    public void Of_AnObjectWithASecret_LeavesItOut(string kind, string json)
    {
        var kept = TraceRedaction.Of(new ResourceType("", "v1", "things", kind, true), (JsonMap)JsonTree.Parse(json));
        Assert.DoesNotContain("s3cret", kept.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhatAgentsRead_IsKept()
    {
        var tree = (JsonMap)JsonTree.Parse(
            """
            {"metadata":{"annotations":{"volume.kubernetes.io/selected-node":"n","localpv.io/failed-on":"{}","pv.kubernetes.io/x":"y"},
             "labels":{"app":"a"},"name":"c"},"spec":{"nodeName":"n","volumes":[]},"status":{"phase":"Bound"}}
            """);
        Assert.Equal(tree, TraceRedaction.Of(ResourceTypes.Pods, tree));
    }
}
