using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Sim.WhatIf;

namespace LocalPv.Sim.Tests.WhatIf;

public sealed class WhatIfTests
{
    private const string Gibibyte = "1073741824";

    [Fact]
    public void Judge_PodsThatWait_GoWhereThereIsRoomAndSayWhyNot()
    {
        var result = Judge([], Claim("small", "2Gi"), Pod("small", "", "small"), Claim("huge", "50Gi"), Pod("huge", "", "huge"));
        Assert.False(result.AllFit);
        var huge = result.Pods.Single(pod => pod.Name == "default/huge");
        Assert.Null(huge.Node);
        Assert.Equal(["node-1", "node-2"], huge.WhyNot.Select(why => why.Node).Order(StringComparer.Ordinal));
        var small = result.Pods.Single(pod => pod.Name == "default/small");
        Assert.Equal("node-2", small.Node);
        Assert.Equal(2L << 30, result.Groups.Single(group => group.Node == "node-2").Promised.Value);
        Assert.Equal(0, result.Groups.Single(group => group.Node == "node-1").Promised.Value);
    }

    [Fact]
    public void Judge_TwoPodsForRoomOfOne_TakeTurns()
    {
        var result = Judge([], Claim("a", "7Gi"), Pod("a", "", "a"), Claim("b", "7Gi"), Pod("b", "", "b"));
        Assert.Equal(["node-2", null], result.Pods.Select(pod => pod.Node));
    }

    [Fact]
    public void Judge_NodeDies_ItsPodsLoseTheirVolumesAndFitElsewhereOrNot()
    {
        JsonTree[] running = [Claim("data", "3Gi", "pv-1"), Volume("pv-1", "uid-data", "node-1"), Pod("web", "node-1", "data")];
        Assert.Empty(Judge([], running).Pods);
        var web = Assert.Single(Judge(["node-1"], running).Pods);
        Assert.Equal(("node-1", "node-2"), (web.Was, web.Node));
        Assert.Equal("data", Assert.Single(web.ClaimsLost));
        Assert.Null(Assert.Single(Judge(["node-1", "node-2"], running).Pods).Node);
    }

    [Fact]
    public void Judge_StatefulSetManifest_IsJudgedReplicaByReplica()
    {
        var set = JsonTree.Parse("""
            {"kind":"StatefulSet","metadata":{"name":"db"},"spec":{"replicas":3,"template":{"spec":{"containers":[]}},
             "volumeClaimTemplates":[{"metadata":{"name":"data"},
               "spec":{"storageClassName":"fast","resources":{"requests":{"storage":"4Gi"}}}}]}}
            """);
        var result = Judge([], set);
        Assert.Equal(["default/db-0", "default/db-1", "default/db-2"], result.Pods.Select(pod => pod.Name));
        Assert.Equal(2, result.Pods.Count(pod => pod.Node == "node-2"));
        Assert.Equal(1, result.Pods.Count(pod => pod.Node is null));
    }

    // node-1 has 3 GiB free, node-2 has 9 GiB.
    private static WhatIfResult Judge(string[] lost, params JsonTree[] more) => Forecast.Judge(
        [
            JsonMap.Of(
                ("kind", "List"),
                ("items", JsonList.Of(Node("node-1"), Node("node-2"), Storage("node-1", 3), Storage("node-2", 9)))),
            JsonTree.Parse($$$$$"""
                {"kind":"StorageClass","metadata":{"name":"fast"},"provisioner":"{{{{{WellKnown.DefaultProvisioner}}}}}",
                 "volumeBindingMode":"WaitForFirstConsumer","parameters":{"localpv.io/storage":"{\"nodes\":[]}"}}
                """),
            .. more,
        ],
        lost);

    private static JsonTree Node(string name) => JsonTree.Parse(
        $$$$$"""{"kind":"Node","metadata":{"name":"{{{{{name}}}}}","labels":{"kubernetes.io/hostname":"{{{{{name}}}}}"}}}""");

    private static JsonTree Storage(string node, int free) => JsonTree.Parse($$$$$"""
        {"kind":"NodeLocalStorage","metadata":{"name":"fast.{{{{{node}}}}}","uid":"uid-{{{{{node}}}}}"},
         "spec":{"storageClassName":"fast","nodeName":"{{{{{node}}}}}","volumeGroup":{"name":"fast"}},
         "status":{"phase":"Ready","scanSequence":5,"lastScanTime":"2030-01-01T00:00:00Z","capacity":"10737418240",
           "free":"{{{{{free * long.Parse(Gibibyte, System.Globalization.CultureInfo.InvariantCulture)}}}}}",
           "volumeGroup":{"name":"fast","uuid":"u-{{{{{node}}}}}","extentSize":"4Mi"},"volumes":[]}}
        """);

    private static JsonTree Claim(string name, string size, string volume = "") => JsonTree.Parse($$$$$"""
        {"kind":"PersistentVolumeClaim","metadata":{"name":"{{{{{name}}}}}","uid":"uid-{{{{{name}}}}}"},
         "spec":{"storageClassName":"fast","volumeName":"{{{{{volume}}}}}","resources":{"requests":{"storage":"{{{{{size}}}}}"}}}}
        """);

    private static JsonTree Volume(string name, string claim, string host) => JsonTree.Parse($$$$$"""
        {"kind":"PersistentVolume","metadata":{"name":"{{{{{name}}}}}"},
         "spec":{"claimRef":{"uid":"{{{{{claim}}}}}"},"nodeAffinity":{"required":{"nodeSelectorTerms":[
           {"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["{{{{{host}}}}}"]}]}]}}}}
        """);

    private static JsonTree Pod(string name, string node, string claim) => JsonTree.Parse($$$$$"""
        {"kind":"Pod","metadata":{"name":"{{{{{name}}}}}"},"spec":{"nodeName":"{{{{{node}}}}}",
         "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"{{{{{claim}}}}}"}}]}}
        """);
}
