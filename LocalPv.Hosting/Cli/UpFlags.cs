using System.CommandLine;
using System.Globalization;
using LocalPv.Core.Units;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Up;

namespace LocalPv.Hosting.Cli;

/// <summary>The flags of <c>localpv up</c>.</summary>
internal sealed class UpFlags
{
    private static readonly UpOptions Defaults = new();

    private readonly Option<bool> _demo = new("--demo")
    {
        Description = "Apply the examples that come with the program, and take one node's space behind its agent's back on the way.",
    };

    private readonly Option<bool> _once = new("--once")
    {
        Description = "End when every claim is Bound and every Pod runs, and print what happened.",
    };

    private readonly Option<string[]> _files = new("-f", "--filename")
    {
        Description = "Manifests to apply, in order.",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _nodes = new("--nodes")
    {
        Description = "How many nodes the cluster has.",
        DefaultValueFactory = _ => Text(Defaults.Nodes),
    };

    private readonly Option<string> _disks = new("--disks")
    {
        Description = "How many disks each node has.",
        DefaultValueFactory = _ => Text(Defaults.DisksPerNode),
    };

    private readonly Option<string> _diskSize = new("--disk-size")
    {
        Description = "The size of each disk, as a Kubernetes quantity.",
        DefaultValueFactory = _ => Quantity.Format(Defaults.DiskSize),
    };

    private readonly Option<string> _apiPort = new("--api-port")
    {
        Description = "The API server's port on 127.0.0.1; 0 for any that is free.",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<string> _extenderPort = new("--extender-port")
    {
        Description = "The extender's port on 127.0.0.1; 0 for any that is free.",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<bool> _noExtender = new("--no-extender")
    {
        Description = "Run no extender: CSIStorageCapacity objects and a CSIDriver alone keep Pods to nodes with room.",
    };

    private readonly Option<bool> _clusterOnly = new("--cluster-only")
    {
        Description = "Run nothing of LocalPv: start that yourself. --extender-port is where the scheduler then asks.",
    };

    private readonly Option<string> _timeout = new("--timeout")
    {
        Description = "How long all claims and Pods may take.",
        DefaultValueFactory = _ => DurationText.Format(Defaults.Timeout),
    };

    private readonly Option<string?> _kubeconfig = new("--write-kubeconfig")
    {
        Description = "Where to write the kubeconfig. Default: a file in the temporary folder, removed at the end.",
        HelpName = "FILE",
    };

    private readonly Option<OutputFormat> _output = new("--output", "-o") { Description = "How --once prints what happened." };

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)
                 [
                     _demo, _once, _files, _nodes, _disks, _diskSize, _apiPort, _extenderPort, _noExtender, _clusterOnly, _timeout,
                     _kubeconfig, _output,
                 ])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether to end when all is settled.</summary>
    public bool Once(ParseResult parsed) => parsed.GetValue(_once);

    /// <summary>How to print.</summary>
    public OutputFormat Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>Reads the flags; what is wrong is noted.</summary>
    public UpOptions Read(ParseResult parsed, OptionErrors errors)
    {
        var sizeText = parsed.GetValue(_diskSize) ?? "";
        if (!Quantity.TryParse(sizeText, out var size, out var error))
        {
            errors.Add("--disk-size", error);
        }
        else if (size < Bytes.FromMebibytes(8))
        {
            errors.Add("--disk-size", $"{sizeText} is less than 8Mi, too little for LVM's metadata and one extent.");
        }

        if (Output(parsed) == OutputFormat.Json && !Once(parsed))
        {
            errors.Add("--output", "json prints what happened when all is over: add --once.");
        }

        if (parsed.GetValue(_noExtender) && parsed.GetValue(_extenderPort) != "0")
        {
            errors.Add("--extender-port", "there is no extender with --no-extender: leave one of the two out.");
        }

        if (parsed.GetValue(_clusterOnly) && (parsed.GetValue(_demo) || parsed.GetValue(_once)))
        {
            errors.Add("--cluster-only", "nobody would serve the claims that --demo and --once wait for: leave one of them out.");
        }

        return Defaults with
        {
            Demo = parsed.GetValue(_demo),
            Files = [.. parsed.GetValue(_files) ?? []],
            Nodes = errors.Number("--nodes", parsed.GetValue(_nodes), 1, 50),
            DisksPerNode = errors.Number("--disks", parsed.GetValue(_disks), 0, 20),
            DiskSize = size,
            ApiPort = errors.Number("--api-port", parsed.GetValue(_apiPort), 0, 65535),
            ExtenderPort = errors.Number("--extender-port", parsed.GetValue(_extenderPort), 0, 65535),
            NoExtender = parsed.GetValue(_noExtender),
            ClusterOnly = parsed.GetValue(_clusterOnly),
            Timeout = errors.Duration(
                "--timeout", parsed.GetValue(_timeout) ?? "", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            KubeconfigFile = parsed.GetValue(_kubeconfig),
        };
    }

    // Numbers are read here and not by the parser, so that all that is wrong is said at once and in one way.
    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
