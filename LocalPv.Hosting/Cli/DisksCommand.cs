using System.Collections.Immutable;
using System.CommandLine;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Options;

namespace LocalPv.Hosting.Cli;

/// <summary><c>localpv disks</c>: what this node's disks are, and why each is or is not usable.</summary>
internal static class DisksCommand
{
    private static readonly TimeSpan ScanLimit = TimeSpan.FromSeconds(60);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var backend = new Option<StorageBackend>("--backend")
        {
            Description = "lvm: this machine's disks. fake: two invented disks.",
            DefaultValueFactory = _ => StorageBackend.Lvm,
        };
        var match = new Option<string[]>("--match")
        {
            Description = "Patterns of the disks that a class would choose, such as /dev/disk/by-id/nvme-*. Default: every disk.",
            HelpName = "PATTERN",
            AllowMultipleArgumentsPerToken = true,
        };
        var minSize = new Option<string>("--min-size")
        {
            Description = "The smallest disk that a class would choose, such as 100Gi.",
            DefaultValueFactory = _ => "0",
        };
        var group = new Option<string>("--volume-group")
        {
            Description = "The volume group that a class would use; its own disks are shown as in the group.",
            DefaultValueFactory = _ => "localpv",
        };
        var output = new Option<OutputFormat>("--output", "-o") { Description = "How to print it." };
        var command = new Command(
            "disks", "Show this machine's disks, and why a StorageClass could or could not use each. Changes nothing. As root.")
        {
            backend, match, minSize, group, output,
        };
        command.SetInterruptibleAction(async (parsed, cancellationToken) =>
        {
            var errors = new OptionErrors();
            var rule = new DiskRule
            {
                Match = Patterns(errors, parsed.GetValue(match) ?? []),
                MinSize = Size(errors, parsed.GetValue(minSize) ?? "0"),
            };
            var name = errors.Name<VolumeGroupName>(
                "--volume-group", parsed.GetValue(group), VolumeGroupName.TryParse, "a name that LVM takes, of letters, digits "
                    + "and + _ . -");
            if (errors.Any)
            {
                return CommandLine.WrongInput(parsed, errors.All);
            }

            var storage = StorageBackends.Create(parsed.GetValue(backend), NodeName.Parse("this-machine"));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ScanLimit);
            var outcome = await storage.RunAsync(new NodeStorageRequest.Scan(), limit.Token).ConfigureAwait(false);
            if (!outcome.TryGetValue(out var answer) || answer is not NodeStorageAnswer.Scanned scanned)
            {
                return CommandLine.Failed(parsed, outcome.Message);
            }

            var verdicts = scanned.Scan.Disks.Select(disk => DiskVerdict.On(disk, rule, name, ExtentSize.Default));
            Print(parsed.InvocationConfiguration.Output, parsed.GetValue(output), [.. verdicts]);
            return ExitCode.Done;
        });
        return command;
    }

    private static ImmutableArray<PathPattern> Patterns(OptionErrors errors, string[] texts)
    {
        var patterns = ImmutableArray.CreateBuilder<PathPattern>();
        foreach (var text in texts)
        {
            if (PathPattern.TryParse(text, out var pattern))
            {
                patterns.Add(pattern);
            }
            else
            {
                errors.Add("--match", $"'{text}' is not a pattern of paths below /dev, such as /dev/disk/by-id/nvme-*.");
            }
        }

        return texts.Length == 0 ? [DiskRule.EveryDisk] : patterns.ToImmutable();
    }

    private static Bytes Size(OptionErrors errors, string text)
    {
        if (!Quantity.TryParse(text, out var size, out var error))
        {
            errors.Add("--min-size", error);
        }

        return size;
    }

    private static void Print(TextWriter output, OutputFormat format, ImmutableArray<DiskVerdict> verdicts)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(new JsonList([.. verdicts.Select(verdict => (JsonTree)ToTree(verdict))]).ToString());
            return;
        }

        PlainTable.Write(
            output,
            ["DISK", "SIZE", "KIND", "HOLDS", "VERDICT", "ID", "WHY"],
            verdicts.Select(verdict => (IReadOnlyList<string>)
            [
                verdict.Path.Value,
                verdict.Disk!.Size.ToString(),
                verdict.Disk.Rotational ? "spins" : "flash",
                Shown(verdict.Disk.VolumeGroup is { } group ? "vg " + group : verdict.Disk.Signature),
                verdict.State.ToString(),
                Shown(verdict.Id?.Value ?? ""),
                verdict.Reason,
            ]));
        if (verdicts.IsEmpty)
        {
            output.WriteLine("No disks were found.");
        }
    }

    private static string Shown(string text) => text.Length == 0 ? "-" : text;

    private static JsonMap ToTree(DiskVerdict verdict) => JsonMap.Of(
        ("path", verdict.Path.Value),
        ("links", JsonList.OfTexts(verdict.Disk!.Links.Select(link => link.Value))),
        ("id", verdict.Id is { } id ? (JsonTree)id.Value : null),
        ("sizeBytes", verdict.Disk.Size.Value),
        ("rotational", verdict.Disk.Rotational),
        ("model", verdict.Disk.Model),
        ("serial", verdict.Disk.Serial),
        ("signature", verdict.Disk.Signature),
        ("mountPoint", verdict.Disk.MountPoint),
        ("volumeGroup", verdict.Disk.VolumeGroup is { } group ? (JsonTree)group.Value : null),
        ("verdict", verdict.State.ToString()),
        ("reason", verdict.Reason));
}
