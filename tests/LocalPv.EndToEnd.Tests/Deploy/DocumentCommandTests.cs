using LocalPv.EndToEnd.Tests.Kubectl;
using LocalPv.EndToEnd.Tests.Up;
using LocalPv.Hosting.Up;
using LocalPv.RealLvm.Tests.Documents;
using Xunit.Abstractions;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// Every command of the documents is run, one document after the other, as an operator would type it on one cluster (the embedded one,
/// with the examples in it); those for a node are typed into one by <c>DiskReplacementTests</c>, <c>GroupCommandTests</c>,
/// <c>PoolCommandTests</c> and <c>MetadataRoomTests</c>; those that need what no test has are named here, with what looks after them
/// instead.
/// </summary>
public sealed class DocumentCommandTests(ITestOutputHelper output)
{
    // Pods run nothing here, so that the certificate of the extender is nobody's work; and Services get no address.
    private const string WhatTheClusterMakes =
        "kubectl -n localpv-system create configmap localpv-extender-ca --from-literal=ca.crt=PEM --dry-run=client -o yaml "
        + "| kubectl apply -f -\n"
        + """kubectl -n localpv-system patch service localpv-extender --type merge -p '{"spec":{"clusterIP":"10.43.0.9"}}'""";

    private const string Museum =
        "dotnet run -c Release --project tests/LocalPv.Museum -- museum "
        + "[--only M07] [--ranges 3] [--most 500] [--small] [--save FOLDER] [--kept FOLDER]";

    private const string JobTests = "needs a controller of Jobs; ClusterJobTests run the shell of its Pods, and read what they write";

    /// <summary>Commands that are not run here, and why, and what checks them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Elsewhere = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["dotnet run --project LocalPv.Hosting -- up --demo"] = "stays up; DemoTests run the demo to its end",
        ["localpv up --demo"] = "the same, as it is called once it is installed",
        ["localpv up --no-extender"] = "stays up; NoExtenderTests run it",
        ["bash tests/run.sh"] = "runs this test",
        ["bash tests/image.sh"] = "builds an image from Debian's archive; CI runs it before the tests",
        ["bash tests/footprint.sh"] = "takes minutes and a quiet machine",
        ["dotnet format"] = "changes the sources; CI runs it with --verify-no-changes",
        ["helm uninstall localpv --namespace localpv-system"] = "needs helm; what it removes is removed here with kubectl",
        ["helm install localpv deploy/helm/localpv --namespace localpv-system"] =
            "needs helm; the chart is generated from the manifests, which is tested, and those are applied here",
        ["kubectl -n localpv-system exec ds/localpv-agent -- localpv doctor"] = "Pods run nothing here; the tests of Doctor run it",
        ["localpv doctor"] = "asks about a node; the tests of Doctor run it",
        ["localpv agent --trace FILE"] = "runs in a node's Pod; AgentTraceTests write and replay such files",
        ["localpv-sim replay FILE"] = "the same",
        ["localpv-sim museum"] = "is a build of its own; the museum's own tests run it",
        ["apt-get install mmdebstrap buildah"] = "changes the machine",
        ["deploy/image/build.sh amd64"] = "takes minutes and Debian's archive; run by hand before a release",
        ["systemctl restart k3s"] = "needs k3s; its two files are looked at below, and the keys of one in DocumentYamlTests",
        ["helm upgrade localpv deploy/helm/localpv --namespace localpv-system --reuse-values"] =
            "needs helm; what it would apply is applied here from the manifests",
        ["kubectl -n localpv-system exec -it POD -- bash"] =
            "Pods run nothing here; DiskReplacementTests type what follows with the configuration of the agent's image",
        ["kubectl delete nls fast.node-1"] = "waits for as long as volumes refer to the group",
        ["kubectl -n localpv-system rollout status ds/localpv-agent"] = "no controller of DaemonSets here; the name is checked below",
        ["kubectl -n localpv-system rollout status deployment/localpv-extender"] = "LocalPv's own Pods run nothing here",
        ["kubectl delete -k deploy --ignore-not-found"] =
            "waits for the group in which the volume that was declared lost still lies; KubectlDeployTests remove the rest",
        ["dotnet run --project LocalPv.Sim -- run SCENARIO [--seed N] [--trace FILE] [--output text|json] [--quiet]"] = "a synopsis",
        ["localpv-sim replay 4711 --shrink 30 --save small.txt"] = "this seed breaks nothing; the simulator's tests shrink planted bugs",
        ["localpv-sim replay small.txt --until 20000"] = "needs what a broken seed leaves; the simulator's tests replay plans",
        ["dotnet run --project LocalPv.Hosting -- up --cluster-only --extender-port 8900 --write-kubeconfig kubeconfig"] =
            "stays up; SharedCluster starts the same in a process of its own",
        ["LOCALPV_E2E_KUBECONFIG=$PWD/kubeconfig dotnet test tests/LocalPv.EndToEnd.Tests --filter AnyCluster"] =
            "these run against such a process anyway",
        ["bash tests/footprint.sh [FOLDER [AHEAD]]"] = "takes minutes and a quiet machine",
        ["dotnet test tests/LocalPv.EndToEnd.Tests --filter BurstTests --logger \"console;verbosity=detailed\""] =
            "runs beside this anyway",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- http [rounds] [seconds]"] = "takes minutes and a quiet machine",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- sim [rounds] [only the cluster of so many nodes]"] =
            "takes minutes and a quiet machine",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- lvm [rounds]"] = "takes minutes and a quiet machine",
        ["dotnet run -c Release --project tests/LocalPv.Museum -- museum --ranges 3 --most 60 --budget 40 --shrink 0"] =
            "takes minutes; the museum's own tests hunt its bugs",
        ["kubectl wait pvc/data-db-0 --for=jsonpath='{.status.capacity.storage}'=6Gi --timeout=180s"] =
            "waits for a kubelet's next look, a minute or two; KubeletTests follow that in virtual time",
        [Museum] = "a synopsis",
        ["kubectl apply -f deploy/sim/job.yaml"] = JobTests,
        ["kubectl get job localpv-sim"] = JobTests,
        ["kubectl logs -l job-name=localpv-sim --tail=-1 --max-log-requests=20 | grep '^{' > results.jsonl"] = JobTests,
        ["dotnet build LocalPv.sln -p:UseKubernetesClient=true"] = "needs a package that not every registry has",
        ["dotnet test tests/LocalPv.Hosting.Tests -p:UseKubernetesClient=true --filter FullyQualifiedName~Packaged"] =
            "needs a package that not every registry has",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- --filter '*DecisionBenchmarks*'"] = "takes minutes",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- --filter '*LedgerBenchmarks*'"] = "takes minutes",
        ["dotnet run -c Release --project tests/LocalPv.Benchmarks -- --filter '*QuantityBenchmarks*'"] = "takes minutes",
    };

    [Fact]
    public async Task Commands_TypedOneDocumentAfterTheOther_Work()
    {
        await using var world = await UpWorld.StartAsync(new UpOptions { Nodes = 3 });
        using var desk = new Desk(world.Session.Cluster.Http.Kubeconfig);
        await desk.PrepareAsync();
        foreach (var document in Document.ReadAll())
        {
            foreach (var script in document.Scripts.Where(script => !Elsewhere.ContainsKey(Plain(script)) && !NodePrograms.Has(script)))
            {
                await desk.TypeAsync(document.Name, script);
                if (script.Trim() == "kubectl apply -k deploy")
                {
                    await desk.TypeAsync("what the cluster makes", WhatTheClusterMakes);
                }
            }

            if (document.Name == "docs/install.md")
            {
                await world.ApplyAsync(await File.ReadAllTextAsync(Repository.File("deploy/examples/30-statefulset.yaml")));
                await world.UntilRunsAsync("db-0", "db-1", "db-2");
            }
        }

        output.WriteLine(desk.Times);
        Assert.True(desk.Wrong.Count == 0, string.Join("\n\n", desk.Wrong));
        AssertSchedulerStarts(desk, "/etc/kubernetes/localpv/scheduler.yaml");
        AssertSchedulerStarts(desk, "/etc/rancher/k3s/localpv-scheduler.yaml");
        Assert.Equal(
            ["config=/etc/rancher/k3s/localpv-scheduler.yaml"],
            desk.Read("/etc/rancher/k3s/config.yaml.d/localpv.yaml").List("kube-scheduler-arg+")!.Texts());
    }

    [Fact]
    public void EveryException_IsStillInADocument_AndTheDocumentsOfAnOperatorHaveCommands()
    {
        var documents = Document.ReadAll();
        Assert.Empty(Elsewhere.Keys.Except(documents.SelectMany(document => document.Scripts).Select(Plain)));
        Assert.All(
            documents.Where(document => document.Name is not ("docs/limits.md" or "docs/scheduling.md")
                && !document.Name.StartsWith("docs/reference/", StringComparison.Ordinal)),
            document => Assert.NotEmpty(document.Scripts));
        DeployFiles.Find("DaemonSet", "localpv-agent");
    }

    // kube-scheduler refuses a configuration whose authority's file is missing or empty.
    private static void AssertSchedulerStarts(Desk desk, string file)
    {
        var extender = Assert.Single(desk.Read(file).List("extenders")!.Maps());
        Assert.Equal("https://10.43.0.9:8900/scheduler", extender.Text("urlPrefix"));
        var authority = extender.Map("tlsConfig")!.Text("caFile")!;
        Assert.Equal("PEM", File.ReadAllText(desk.PathOf(authority)));
    }

    private static string Plain(string script) => script.Split("   #")[0].Trim();
}
