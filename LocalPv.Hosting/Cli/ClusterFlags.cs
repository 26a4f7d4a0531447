using System.CommandLine;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Options;

namespace LocalPv.Hosting.Cli;

/// <summary>The flags that say which cluster to talk to.</summary>
public sealed class ClusterFlags
{
    private readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "The kubeconfig file. Default: KUBECONFIG, else the service account of the Pod, else ~/.kube/config.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _context = new("--context")
    {
        Description = "The context of the kubeconfig. Default: its current one.",
        HelpName = "NAME",
    };

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_kubeconfig);
        command.Options.Add(_context);
    }

    /// <summary>Finds the cluster that the flags mean; null where there is none, with the reason among the errors.</summary>
    public ClusterConnection? Find(ParseResult parsed, OptionErrors errors)
    {
#if USE_KUBERNETES_CLIENT
        var found = Kubernetes.Packaged.PackagedConnectionLoader.Find(parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
#else
        var found = ClusterConnectionLoader.Find(parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
#endif
        if (found.TryGetValue(out var connection))
        {
            return connection;
        }

        errors.Add("--kubeconfig", found.Message);
        return null;
    }
}
