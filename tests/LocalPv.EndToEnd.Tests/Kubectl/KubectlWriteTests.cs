using LocalPv.Core.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>What an operator changes, with every kubectl on the machine.</summary>
public sealed class KubectlWriteTests
{
    public static KubectlTheoryData Kubectls => new();

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Create_FromAFile_MakesItOnce(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        var file = session.WriteFile("claim.yaml", Manifests.Claim + "\n---\n" + Manifests.Storage);

        var created = (await session.RunAsync("create -f " + file)).Succeeded();

        Assert.Equal(["persistentvolumeclaim/data created", "nodelocalstorage.localpv.io/fast.n1 created"], created.Lines);
        (await session.RunAsync("create -f " + file)).Failed("(AlreadyExists)");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Create_Namespace_AndObjectsInIt(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);

        (await session.RunAsync("create namespace team")).Succeeded();
        (await session.RunAsync("create configmap settings --from-literal=a=1 -n team")).Succeeded();
        (await session.RunAsync("create serviceaccount robot -n team")).Succeeded();
        (await session.RunAsync("create job once --image=pause:3 -n team -- sleep 5")).Succeeded();

        Assert.Equal("1", (await session.RunAsync("get configmap settings -n team -o jsonpath={.data.a}")).Succeeded().Output);
        Assert.Equal("pause:3 sleep Never", (await session.RunAsync(["get", "job", "once", "-n", "team", "-o",
            "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].command[0]} "
            + "{.spec.template.spec.restartPolicy}"])).Succeeded().Output);
        (await session.RunAsync("create namespace team")).Failed("(AlreadyExists)");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Create_AFieldOrValueThatIsWrong_IsRefused(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        var bogus = Manifests.Storage + "\n  bogus: 1\n";

        // Before 1.25 kubectl itself found the unknown field, in the schema that the server publishes.
        (await session.PipeAsync(bogus, "create -f -")).Failed("unknown field \"" + (session.Minor >= 25 ? "spec.bogus" : "bogus"));
        (await session.PipeAsync(Manifests.Claim.Replace("1Gi", "-1Gi", StringComparison.Ordinal), "create -f -")).Failed("is invalid");
        (await session.PipeAsync(Manifests.Claim.Replace("name: data", "name: Bad_Name", StringComparison.Ordinal), "create -f -"))
            .Failed("a lowercase RFC 1123 subdomain");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Apply_AgainAndChanged_DoesWhatIsNeeded(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        foreach (var manifest in new[] { Manifests.Claim, Manifests.Storage })
        {
            Assert.Contains("created", (await session.PipeAsync(manifest, "apply -f -")).Succeeded().Output, StringComparison.Ordinal);
            Assert.Contains("unchanged", (await session.PipeAsync(manifest, "apply -f -")).Succeeded().Output, StringComparison.Ordinal);
        }

        var smaller = Manifests.Claim.Replace(", tier: back", "", StringComparison.Ordinal).Replace("app: web", "app: new",
            StringComparison.Ordinal);
        Assert.Contains("configured", (await session.PipeAsync(smaller, "apply -f -")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("""{"app":"new"}""", (await session.RunAsync("get pvc data -o jsonpath={.metadata.labels}")).Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Apply_ServerSide_KeepsManagersApart(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        (await session.PipeAsync(Manifests.Claim, "apply --server-side --field-manager=first -f -")).Succeeded();
        var other = Manifests.Claim.Replace("app: web", "app: other", StringComparison.Ordinal);

        (await session.PipeAsync(other, "apply --server-side --field-manager=second -f -")).Failed("conflict with \"first\"");
        (await session.PipeAsync(other, "apply --server-side --field-manager=second --force-conflicts -f -")).Succeeded();

        Assert.Equal("other", (await session.RunAsync("get pvc data -o jsonpath={.metadata.labels.app}")).Output);
        (await session.PipeAsync(Manifests.Storage, "apply --server-side -f -")).Succeeded();
        Assert.Contains("fast.n1", (await session.RunAsync("get nls")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Patch_OfEachKind_Changes(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.Pods, Manifests.Pod);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);

        (await session.RunAsync(["patch", "pod", "web-0", "--type=merge", "-p", """{"metadata":{"labels":{"a":"1"}}}"""])).Succeeded();
        (await session.RunAsync(["patch", "pod", "web-0", "--type=json", "-p",
            """[{"op":"add","path":"/metadata/labels/b","value":"2"}]"""]))
            .Succeeded();
        (await session.RunAsync(["patch", "pod", "web-0", "-p",
            """{"spec":{"containers":[{"name":"log","image":"log:2"}]}}"""])).Succeeded();

        Assert.Equal("""{"a":"1","b":"2"}""", (await session.RunAsync("get pod web-0 -o jsonpath={.metadata.labels}")).Output);
        Assert.Equal("web:1 log:2", (await session.RunAsync("get pod web-0 -o jsonpath={.spec.containers[*].image}")).Output);
        (await session.RunAsync(["patch", "nls", "fast.n1", "-p", """{"metadata":{"labels":{"a":"1"}}}"""]))
            .Failed("application/strategic-merge-patch+json is not supported");
        (await session.RunAsync(["patch", "nls", "fast.n1", "--type=merge", "-p", """{"metadata":{"labels":{"a":"1"}}}"""])).Succeeded();
        (await session.RunAsync(["patch", "pod", "web-0", "--type=json", "-p", """[{"op":"test","path":"/kind","value":"Node"}]"""]))
            .Failed("the server rejected our request due to an error in our request");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Edit_InAnEditor_SendsTheChange(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.PersistentVolumeClaims, Manifests.Claim);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage.Replace("name: fast.n1", "name: fast.n1, labels: {app: web}",
            StringComparison.Ordinal));
        var editor = session.WriteFile("editor.sh", "sed -i 's/app: web/app: edited/' \"$1\"\n");
        foreach (var item in new[] { "pvc/data", "nls/fast.n1" })
        {
            Assert.Contains("edited", (await session.RunAsync(["edit", item], editor: "sh " + editor)).Succeeded().Output,
                StringComparison.Ordinal);

            Assert.Equal("edited", (await session.RunAsync($"get {item} -o jsonpath={{.metadata.labels.app}}")).Output);
        }
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Diff_AgainstTheServer_ShowsWhatWouldChange(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        (await session.PipeAsync(Manifests.Claim, "apply -f -")).Succeeded();

        (await session.PipeAsync(Manifests.Claim, "diff -f -")).Succeeded();
        var changed = await session.PipeAsync(Manifests.Claim.Replace("app: web", "app: new", StringComparison.Ordinal), "diff -f -");

        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("+    app: new", changed.Output, StringComparison.Ordinal);
        Assert.Equal("web", (await session.RunAsync("get pvc data -o jsonpath={.metadata.labels.app}")).Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task LabelAndAnnotate_Change(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);

        (await session.RunAsync("label nls fast.n1 rack=r1")).Succeeded();
        (await session.RunAsync("annotate nls fast.n1 note=x")).Succeeded();
        (await session.RunAsync("label nls fast.n1 rack=r2")).Failed("--overwrite is false");
        (await session.RunAsync("label nls fast.n1 rack-")).Succeeded();

        Assert.Equal("x", (await session.RunAsync("get nls fast.n1 -o jsonpath={.metadata.labels}{.metadata.annotations.note}")).Output);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Delete_WithAFinalizer_WaitsForIt(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage.Replace(
            "name: fast.n1", "name: fast.n1, finalizers: [localpv.io/volume-group]", StringComparison.Ordinal));

        (await session.RunAsync("delete nls fast.n1 --wait=false")).Succeeded();
        Assert.NotEqual("", (await session.RunAsync("get nls fast.n1 -o jsonpath={.metadata.deletionTimestamp}")).Succeeded().Output);
        (await session.RunAsync(["patch", "nls", "fast.n1", "--type=merge", "-p", """{"metadata":{"finalizers":null}}"""])).Succeeded();
        (await session.RunAsync("wait --for=delete nls/fast.n1 --timeout=10s")).Succeeded();

        (await session.RunAsync("get nls fast.n1")).Failed("(NotFound)");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Delete_OneOrAll_Deletes(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        session.Seed(ResourceTypes.StorageClasses, Manifests.Class);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage.Replace("fast.n1", "fast.n2", StringComparison.Ordinal));

        (await session.RunAsync("delete sc fast")).Succeeded();
        (await session.RunAsync("delete nls --all --dry-run=server")).Succeeded();
        Assert.Equal(2, (await session.RunAsync("get nls -o name")).Lines.Count);
        (await session.RunAsync("delete nls --all")).Succeeded();

        Assert.Empty((await session.RunAsync("get nls -o name")).Lines);
        (await session.RunAsync("delete sc fast")).Failed("(NotFound)");
        (await session.RunAsync("delete sc fast --ignore-not-found")).Succeeded();
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Wait_ForAConditionOrAField_EndsWhenItHolds(string version)
    {
        await using var session = await KubectlSession.StartAsync(version);
        (await session.RunAsync("wait --for=condition=Established crd/nodelocalstorages.localpv.io --timeout=10s")).Succeeded();
        session.Seed(ResourceTypes.NodeLocalStorages, Manifests.Storage);
        (await session.RunAsync("wait --for=condition=Ready nls/fast.n1 --timeout=1s")).Failed("timed out waiting for the condition");

        // Waiting for a field came with 1.23, writing a subresource with 1.24.
        if (session.Minor >= 24)
        {
            var waiting = session.RunAsync("wait --for=jsonpath={.status.phase}=Ready nls/fast.n1 --timeout=20s");
            (await session.RunAsync(
                ["patch", "nls", "fast.n1", "--subresource=status", "--type=merge", "-p", """{"status":{"phase":"Ready"}}"""])).Succeeded();
            (await waiting).Succeeded();
        }
    }
}
