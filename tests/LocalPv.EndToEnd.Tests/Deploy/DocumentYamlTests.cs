using System.Text.RegularExpressions;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// The YAML that the documents tell people to write, and the configurations of kube-scheduler that they name. kube-scheduler, kubeadm and
/// k3s themselves do not run here; what they refuse for certain, such as a key that they do not know, is looked for.
/// </summary>
public sealed partial class DocumentYamlTests
{
    private const string SchedulerFile = "/etc/kubernetes/localpv/scheduler.yaml";

    // kubescheduler.config.k8s.io/v1: kube-scheduler reads it strictly, and does not start with a key besides these.
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "apiVersion", "kind", "parallelism", "leaderElection", "clientConnection", "enableProfiling", "enableContentionProfiling",
            "percentageOfNodesToScore", "podInitialBackoffSeconds", "podMaxBackoffSeconds", "profiles", "extenders",
            "delayCacheUntilActive",
        ],
        ["leaderElection"] =
            ["leaderElect", "leaseDuration", "renewDeadline", "retryPeriod", "resourceLock", "resourceName", "resourceNamespace"],
        ["clientConnection"] = ["kubeconfig", "acceptContentTypes", "contentType", "qps", "burst"],
        ["profiles"] = ["schedulerName", "percentageOfNodesToScore", "plugins", "pluginConfig"],
        ["extenders"] =
        [
            "urlPrefix", "filterVerb", "preemptVerb", "prioritizeVerb", "weight", "bindVerb", "enableHTTPS", "tlsConfig", "httpTimeout",
            "nodeCacheCapable", "managedResources", "ignorable",
        ],
        ["tlsConfig"] = ["insecure", "serverName", "certFile", "keyFile", "caFile", "certData", "keyData", "caData"],
    };

    private static readonly IReadOnlyList<(string Document, JsonTree Tree)> Blocks =
    [
        .. from document in Document.ReadAll()
           from Match block in YamlBlock().Matches(File.ReadAllText(Repository.File(document.Name)))
           from tree in YamlTree.ReadAll(block.Groups[1].Value, document.Name).Value
           select (document.Name, tree),
    ];

    /// <summary>The files with such a configuration.</summary>
    public static TheoryData<string> SchedulerFiles =>
        ["deploy/scheduler/kubeadm.yaml", "deploy/scheduler/k3s.yaml", "deploy/components/second-scheduler/scheduler.yaml"];

    [Fact]
    public void EveryBlock_IsOfAKindThatIsLookedAt()
    {
        foreach (var (document, tree) in Blocks)
        {
            switch ((tree as JsonMap)?.Text("kind"))
            {
                case "StorageClass":
                    var isGood = StorageParameters.TryRead(new StorageClass((JsonMap)tree), out _, out var errors);
                    Assert.True(isGood, string.Join('\n', errors));
                    break;
                case "CSIDriver":
                    var shipped = DeployFiles.Read(Repository.File("deploy/components/csidriver/csidriver.yaml")).Single();
                    Assert.Equal(shipped.At("metadata", "name"), ((JsonMap)tree).At("metadata", "name"));
                    Assert.All(((JsonMap)tree).Map("spec")!, pair => Assert.Equal(shipped.Map("spec")![pair.Key], pair.Value));
                    break;
                case "KubeSchedulerConfiguration" or "ClusterConfiguration":
                    break;
                default:
                    Assert.True(
                        tree is JsonList || ((JsonMap)tree).List("resources") is not null,
                        $"{document} has YAML that no test looks at: {tree}");
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(SchedulerFiles))]
    public void SchedulerConfiguration_HasOnlyKeysThatKubeSchedulerKnows(string file) => CheckKeys("", ConfigurationIn(file));

    [Fact]
    public void SchedulerConfiguration_OfTheDocuments_IsTheShippedOne()
    {
        var documented = Assert.Single(Blocks, block => (block.Tree as JsonMap)?.Text("kind") == "KubeSchedulerConfiguration").Tree;
        CheckKeys("", documented);
        var shipped = ConfigurationIn("deploy/scheduler/kubeadm.yaml");
        Assert.All((JsonMap)documented, pair => Assert.Equal(shipped[pair.Key], pair.Value));
    }

    // What the patch adds to the scheduler's Pod, and what kubeadm's configuration says, lead to the same file.
    [Fact]
    public void KubeadmFragments_GiveTheSchedulerItsConfigurationAndWhatThatNames()
    {
        var patch = Assert.Single(Blocks, block => block.Tree is JsonList).Tree;
        var added = ((JsonList)patch).Maps().ToDictionary(step => step.Text("path")!);
        Assert.All(added.Values, step => Assert.Equal("add", step.Text("op")));
        Assert.Equal("--config=" + SchedulerFile, added["/spec/containers/0/command/-"].Text("value"));
        var mount = added["/spec/containers/0/volumeMounts/-"].Map("value")!;
        var volume = added["/spec/volumes/-"].Map("value")!;
        Assert.Equal(3, added.Count);
        Assert.Equal(volume.Text("name"), mount.Text("name"));
        AssertHasBoth(mount.Text("mountPath")!);
        Assert.Equal(mount.Text("mountPath"), ((JsonText)volume.At("hostPath", "path")!).Value);

        var cluster = (JsonMap)Assert.Single(Blocks, block => (block.Tree as JsonMap)?.Text("kind") == "ClusterConfiguration").Tree;
        var argument = Assert.Single(((JsonList)cluster.At("scheduler", "extraArgs")!).Maps());
        Assert.Equal(("config", SchedulerFile), (argument.Text("name"), argument.Text("value")));
        var extra = Assert.Single(((JsonList)cluster.At("scheduler", "extraVolumes")!).Maps());
        Assert.Equal(extra.Text("hostPath"), extra.Text("mountPath"));
        AssertHasBoth(extra.Text("mountPath")!);
    }

    // The folder has the configuration and the authority's certificate that it names; k3s needs no folder.
    private static void AssertHasBoth(string folder)
    {
        var extender = ConfigurationIn("deploy/scheduler/kubeadm.yaml").List("extenders")!.Maps().Single();
        Assert.All(
            (string[])[SchedulerFile, extender.Map("tlsConfig")!.Text("caFile")!],
            file => Assert.Equal(folder, Path.GetDirectoryName(file)));
    }

    private static JsonMap ConfigurationIn(string file)
    {
        var objects = DeployFiles.Read(Repository.File(file)).ToList();
        return objects.Find(found => found.Text("kind") == "KubeSchedulerConfiguration")
            ?? (JsonMap)YamlTree.ReadAll(
                objects.Single(found => found.Text("kind") == "ConfigMap").Map("data")!.Text("scheduler.yaml")!, file).Value.Single();
    }

    private static void CheckKeys(string at, JsonTree? tree)
    {
        foreach (var map in tree is JsonList list ? list.Maps() : tree is JsonMap one ? [one] : [])
        {
            foreach (var (key, value) in map)
            {
                var isKnown = !Known.TryGetValue(at, out var known) || known.Contains(key);
                Assert.True(isKnown, $"kube-scheduler knows no key '{key}' in '{at}'.");
                CheckKeys(key, value);
            }
        }
    }

    [GeneratedRegex("^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
