using System.Diagnostics;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.EndToEnd.Tests.Kubectl;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// The Helm chart, rendered by the template engine that Helm uses, Go's text/template, as kubectl has it. Helm's own functions are not
/// there: a template that used one would fail here.
/// </summary>
public sealed class HelmChartTests
{
    private const string Chart = "deploy/helm/localpv";

    [Fact]
    public async Task Chart_IsWhatItsGeneratorWrites()
    {
        var folder = Directory.CreateTempSubdirectory("localpv-chart-").FullName;
        using var process = Process.Start("bash", [Repository.File("deploy/helm/generate.sh"), folder]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        foreach (var made in Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories))
        {
            var kept = Path.Combine(Repository.File(Chart), Path.GetRelativePath(folder, made));
            Assert.True(File.Exists(kept), $"{kept} is missing: run deploy/helm/generate.sh.");
            Assert.Equal(await File.ReadAllTextAsync(made), await File.ReadAllTextAsync(kept));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Chart_HasTheVersionOfItsImage()
    {
        var chart = DeployFiles.Read(Repository.File(Chart + "/Chart.yaml")).Single();
        Assert.Equal("v2", chart.Text("apiVersion"));
        Assert.Equal(chart.Text("appVersion"), Defaults().Map("image")!.Text("tag"));
    }

    [Fact]
    public async Task Chart_WithItsDefaults_SaysWhatTheManifestsSay()
    {
        await using var session = await KubectlSession.StartAsync(KubectlBinary.All[^1].Version);
        foreach (var file in Directory.GetFiles(Repository.File(Chart + "/templates"), "*.yaml"))
        {
            var name = Path.GetFileName(file);
            var isOption = name == "csidriver.yaml";
            var values = isOption ? Defaults().With("csiDriver", JsonBoolean.True) : Defaults();
            var rendered = await RenderAsync(session, values, "localpv-system", file);
            var like = rendered.Replace("ghcr.io/localpv/localpv:0.1.0", "localpv", StringComparison.Ordinal)
                .Replace("            - --provisioner=local-volume-provisioner\n", "", StringComparison.Ordinal);
            var plain = Repository.File((isOption ? "deploy/components/csidriver/" : "deploy/manifests/") + name);
            Assert.Equal(DeployFiles.Read(plain), Objects(like, file));
            if (isOption)
            {
                Assert.Empty(Objects(await RenderAsync(session, Defaults(), "localpv-system", file), file));
            }
        }
    }

    [Fact]
    public async Task Chart_WithOtherValues_IsTakenByTheApiServer()
    {
        await using var session = await KubectlSession.StartAsync(KubectlBinary.All[^1].Version);
        var values = Defaults().With("csiDriver", JsonBoolean.True).With("replicas", JsonNumber.From(3))
            .With("provisioner", new JsonText("disks.example")).With("logFormat", new JsonText("text"));
        Assert.Equal(0, (await session.RunAsync("create namespace storage")).ExitCode);
        foreach (var file in Directory.GetFiles(Repository.File(Chart + "/templates"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var applied = await session.PipeAsync(await RenderAsync(session, values, "storage", file), "apply -f -");
            Assert.True(applied.ExitCode == 0, $"{file}: {applied.Error}");
        }

        var extender = await session.RunAsync("get deployment localpv-extender -n storage -o jsonpath={.spec.replicas}");
        Assert.Equal("3", extender.Output);
        var arguments = await session.RunAsync(
            "get daemonset localpv-agent -n storage -o jsonpath={.spec.template.spec.containers[0].args}");
        Assert.Contains("--provisioner=disks.example", arguments.Output, StringComparison.Ordinal);
        Assert.Equal("csidriver.storage.k8s.io/disks.example", (await session.RunAsync("get csidriver -o name")).Output.Trim());
    }

    private static JsonMap Defaults() => DeployFiles.Read(Repository.File(Chart + "/values.yaml")).Single();

    private static IEnumerable<JsonMap> Objects(string text, string file) => YamlTree.ReadAll(text, file).Value.OfType<JsonMap>();

    // A template sees its values as fields of an object; any object that kubectl is given will do.
    private static async Task<string> RenderAsync(KubectlSession session, JsonMap values, string release, string template)
    {
        var data = JsonMap.Of(
            ("apiVersion", new JsonText("v1")),
            ("kind", new JsonText("ConfigMap")),
            ("metadata", JsonMap.Of(("name", new JsonText("release")))),
            ("Release", JsonMap.Of(("Namespace", new JsonText(release)))),
            ("Values", values));
        var file = session.WriteFile("release.json", data.ToString());
        var rendered = await session.RunAsync(
        [
            "label", "--local", "-f", file, "any=label", "--allow-missing-template-keys=false", "-o", "go-template-file",
            "--template", template,
        ]);
        Assert.True(rendered.ExitCode == 0, $"{template}: {rendered.Error}");
        return rendered.Output;
    }
}
