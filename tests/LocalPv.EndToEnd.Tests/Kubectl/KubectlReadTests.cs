using LocalPv.Core.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>What an operator looks at, with every kubectl on the machine.</summary>
public sealed class KubectlReadTests
{
    private static readonly ResourceType Sets = new("apps", "v1", "statefulsets", "StatefulSet", true);

    public static KubectlTheoryData Kubectls => new();

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_OurStorage_ShowsWhatAnOperatorWants(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);

        var result = (await session.RunAsync("get nls")).Succeeded();

        Assert.Equal(["NAME", "CLASS", "NODE", "VG", "CAPACITY", "FREE", "PHASE", "AGE"], result.Words(0));
        Assert.StartsWith("fast.n1", result.Lines[1], StringComparison.Ordinal);
        Assert.Contains("fast ", result.Lines[1], StringComparison.Ordinal);
        Assert.Contains("n1 ", result.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_BuiltInKinds_ShowTheirOwnColumns(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Nodes, Manifests.Node);
        session.Seed(ResourceTypes.StorageClasses, Manifests.Class);
        session.Seed(ResourceTypes.PersistentVolumes, Manifests.Volume);
        session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);
        session.Seed(ResourceTypes.Leases, Manifests.Lease);
        session.Seed(ResourceTypes.CsiStorageCapacities, Manifests.Capacity);
        session.Seed(ResourceTypes.Events, Manifests.Event);
        session.Seed(Sets, Manifests.Set);
        (string Kind, string Header, string Row)[] expected =
        [
            ("nodes", "NAME STATUS ROLES AGE VERSION", "n1 Ready <none>"),
            ("sc", "NAME PROVISIONER RECLAIMPOLICY VOLUMEBINDINGMODE ALLOWVOLUMEEXPANSION AGE",
                "fast (default) local-volume-provisioner Delete"),
            ("pv", "NAME CAPACITY ACCESS MODES RECLAIM POLICY STATUS CLAIM STORAGECLASS VOLUMEATTRIBUTESCLASS REASON AGE",
                "pv-1 1Gi RWO Delete"),
            ("pvc", "NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE", "data Pending fast <unset>"),
            ("pods", "NAME READY STATUS RESTARTS AGE", "web-0 0/2 Pending 0"),
            ("sts", "NAME READY AGE", "web 0/3"),
            ("leases", "NAME HOLDER AGE", "leader me"),
            ("csistoragecapacities", "NAME STORAGECLASSNAME CAPACITY", "fast-n1 fast 10Gi"),
            ("events", "LAST SEEN TYPE REASON OBJECT MESSAGE", "Warning ProvisioningFailed persistentvolumeclaim/data no node has room"),
            ("ns", "NAME STATUS AGE", "default Active"),
            ("crds", "NAME CREATED AT", "nodelocalstorages.localpv.io"),
        ];
        foreach (var (kind, header, row) in expected)
        {
            var result = (await session.RunAsync("get " + kind)).Succeeded();

            Assert.Equal(header.Split(' '), result.Words(0));
            Assert.Contains(row, string.Join(' ', result.Words(1)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_Wide_ShowsMore(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);

        var result = (await session.RunAsync("get pods -o wide")).Succeeded();

        Assert.Equal("NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES".Split(' '), result.Words(0));
        Assert.Equal("n1", result.Words(1)[6]);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_Yaml_CanBeSentBack(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);

        var yaml = (await session.RunAsync("get pvc data -o yaml")).Succeeded().Output;

        Assert.Contains("storage: 1Gi", yaml, StringComparison.Ordinal);
        Assert.Contains("kind: PersistentVolumeClaim", yaml, StringComparison.Ordinal);
        var replaced = (await session.PipeAsync(yaml.Replace("app: web", "app: other", StringComparison.Ordinal),
            "replace -f -")).Succeeded();
        Assert.Contains("persistentvolumeclaim/data replaced", replaced.Output, StringComparison.Ordinal);
        Assert.Equal("other", (await session.RunAsync("get pvc data -o jsonpath={.metadata.labels.app}")).Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_Selectors_ChooseObjects(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        foreach (var name in new[] { "a", "b", "c" })
        {
            session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim
                .Replace("name: data", "name: " + name, StringComparison.Ordinal).Replace("app: web", "app: " + name,
                    StringComparison.Ordinal));
        }

        Assert.Equal("persistentvolumeclaim/b\n", (await session.RunAsync("get pvc -l app=b -o name")).Output);
        Assert.Equal(2, (await session.RunAsync(["get", "pvc", "-l", "app notin (b)", "-o", "name"])).Lines.Count);
        Assert.Equal("persistentvolumeclaim/c\n", (await session.RunAsync("get pvc --field-selector metadata.name=c -o name")).Output);
        Assert.Equal(3, (await session.RunAsync("get pvc -A --chunk-size=1 -o name")).Lines.Count);
        (await session.RunAsync("get pvc --field-selector spec.nonsense=c")).Failed("is not a known field selector");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Get_Watch_PrintsChangesAsTheyHappen(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);
        using var stream = session.Follow("get pvc -w --show-labels");

        await stream.ReadUntilAsync("data", "Pending", "app=web");
        (await session.RunAsync("label pvc data app=changed --overwrite")).Succeeded();
        await stream.ReadUntilAsync("data", "Pending", "app=changed");
        (await session.RunAsync("delete pvc data --wait=false")).Succeeded();
        await stream.ReadUntilAsync("data", "Terminating");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Describe_AClaim_TellsItsEvents(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        var claim = session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);
        session.Seed(
            ResourceTypes.Events,
            Manifests.Event.Replace("name: data}", $"name: data, uid: {claim.Uid}}}", StringComparison.Ordinal));

        var described = (await session.RunAsync("describe pvc data")).Succeeded().Output;

        Assert.Contains("StorageClass:  fast", described, StringComparison.Ordinal);
        Assert.Contains("ProvisioningFailed", described, StringComparison.Ordinal);
        Assert.Contains("no node has room", described, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Describe_OtherKinds_Works(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Nodes, Manifests.Node);
        session.Seed(ResourceTypes.StorageClasses, Manifests.Class);
        session.Seed(ResourceTypes.PersistentVolumes, Manifests.Volume);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);
        session.Seed(Sets, Manifests.Set);
        foreach (var item in new[] { "node/n1", "sc/fast", "pv/pv-1", "pod/web-0", "nls/fast.n1", "sts/web", "ns/default" })
        {
            var described = (await session.RunAsync("describe " + item)).Succeeded().Output;

            Assert.Contains(item.Split('/')[1], described, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Events_OfAnObject_AreListed(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);
        session.Seed(ResourceTypes.Events, Manifests.Event);

        // The command is older than Debian's kubectl; what stands in for it there asks the server the same.
        var events = await session.RunAsync(session.Minor >= 26
            ? "events --for pvc/data"
            : "get events --field-selector involvedObject.kind=PersistentVolumeClaim,involvedObject.name=data");

        Assert.Contains("no node has room", events.Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("", (await session.RunAsync("get events --field-selector involvedObject.name=other")).Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Explain_OurKind_TellsTheFields(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);

        var top = (await session.RunAsync("explain nls")).Succeeded().Output;
        var spec = (await session.RunAsync("explain nls.spec")).Succeeded().Output;

        Assert.Contains("NodeLocalStorage", top, StringComparison.Ordinal);
        Assert.Matches(@"spec\s+<Object>", top);
        Assert.Matches(@"status\s+<Object>", top);
        Assert.Matches(@"storageClassName\s+<string>", spec);
        Assert.Matches(@"nodeName\s+<string>", spec);
        (await session.RunAsync("explain nls.spec.nonsense")).Failed("does not exist");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task ApiResources_ListsOurKind(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);

        var listed = (await session.RunAsync("api-resources")).Succeeded().Output;

        Assert.Matches(@"nodelocalstorages\s+nls\s+localpv.io/v1alpha1\s+false\s+NodeLocalStorage", listed);
        Assert.Matches(@"persistentvolumeclaims\s+pvc\s+v1\s+true\s+PersistentVolumeClaim", listed);
        Assert.Contains("localpv.io/v1alpha1", (await session.RunAsync("api-versions")).Succeeded().Output, StringComparison.Ordinal);
    }
}
