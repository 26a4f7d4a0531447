using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>One NodeLocalStorage in the hands of its agent.</summary>
internal sealed class StorageEntry
{
    private NodeScan? _plannedFor;
    private string _plannedAt = "";
    private string _plannedOn = "";
    private NodeLocalStorage? _plannedBeside;
    private bool _plannedWithOwn;
    private (StorageClass Class, NodeLocalStorageSpec Spec, VolumeTerms Terms)? _promised;

    /// <summary>The object as last known; null before it is there.</summary>
    internal NodeLocalStorage? Object { get; private set; }

    /// <summary>Its spec; null where it cannot be read.</summary>
    internal NodeLocalStorageSpec? Spec { get; private set; }

    /// <summary>Why it cannot be read.</summary>
    internal string SpecError { get; private set; } = "";

    /// <summary>What the last scan means for it.</summary>
    internal VolumeGroupPlan? Plan { get; private set; }

    /// <summary>Why the group that is there must not be used; empty where it may, or where there is none.</summary>
    internal string Refusal { get; private set; } = "";

    /// <summary>The next change needs a scan with a higher number than this.</summary>
    internal long ScanAfter { get; set; }

    /// <summary>The last change that was asked for; null before the first.</summary>
    internal NodeStorageRequest? Sent { get; set; }

    /// <summary>Why the last change failed; empty where it did not.</summary>
    internal string ChangeError { get; set; } = "";

    internal bool GroupRemoved { get; set; }

    /// <summary>
    /// Where its group is not seen, its end needs a scan with a higher number than this; null before it is being deleted.
    /// </summary>
    internal long? EndsAfter { get; set; }

    internal Instant Recheck { get; set; } = Instant.Epoch;

    internal Lane Create { get; } = new();

    internal Lane Change { get; } = new();

    internal Lane Status { get; } = new();

    internal Lane Capacity { get; } = new();

    internal Lane Finalizer { get; } = new();

    /// <summary>What claims of its class were given back by this node.</summary>
    internal FailedSizes Failed { get; } = new();

    /// <summary>Whether what this agent offered last was less for one of those.</summary>
    internal bool HasLimited { get; set; }

    /// <summary>Until when less stands that this agent did not ask for; never where there is none.</summary>
    internal Instant LimitedUntil { get; set; } = Instant.Never;

    /// <summary>The last report that was written, without its number and time, and the version of the object that it made.</summary>
    internal (JsonMap Report, string Version)? Written { get; set; }

    /// <summary>What the published report was found to follow from; null where it is to be looked at again.</summary>
    internal ReportSources? Reported { get; set; }

    /// <summary>When a report is due though nothing has changed.</summary>
    internal Instant ReportDue { get; set; } = Instant.Epoch;

    /// <summary>The number of the scan that is to be reported though it shows nothing new; null for none.</summary>
    internal long? ReportScan { get; set; }

    /// <summary>Until when a report of another agent of this node stands, though ours would say something else.</summary>
    internal Instant ContestedUntil { get; set; } = Instant.Epoch;

    internal Instant Deadline(Instant now)
    {
        var due = Finalizer.Deadline(now);
        due = Instant.Min(due, Instant.Min(Create.Deadline(now), Change.Deadline(now)));
        due = Instant.Min(due, Instant.Min(Status.Deadline(now), Capacity.Deadline(now)));
        due = Instant.Min(due, Failed.Deadline > now ? Failed.Deadline : Instant.Never);
        due = LimitedUntil > now ? Instant.Min(due, LimitedUntil) : due;
        due = Recheck > now ? Instant.Min(due, Recheck) : due;
        due = ContestedUntil > now ? Instant.Min(due, ContestedUntil) : due;
        return ReportDue > now ? Instant.Min(due, ReportDue) : due;
    }

    internal void Take(NodeLocalStorage storage)
    {
        if (ReferenceEquals(Object, storage))
        {
            return;
        }

        if (Object?.Uid != storage.Uid)
        {
            GroupRemoved = false;
            EndsAfter = null;
        }

        Object = storage;
        Create.Succeed();
        var read = storage.Wish;
        Spec = read.TryGetValue(out var spec) ? spec : null;
        SpecError = read.Message;
    }

    internal void PlanFor(
        NodeLocalStorageSpec spec, NodeScan scan, NodeLocalStorage storage, string machine, NodeLocalStorage? beside, bool hasOwnVolumes)
    {
        if (ReferenceEquals(_plannedFor, scan) && _plannedAt == storage.ResourceVersion && _plannedOn == machine
            && ReferenceEquals(_plannedBeside, beside) && _plannedWithOwn == hasOwnVolumes)
        {
            return;
        }

        _plannedFor = scan;
        _plannedAt = storage.ResourceVersion;
        _plannedOn = machine;
        _plannedBeside = beside;
        _plannedWithOwn = hasOwnVolumes;
        Plan = VolumeGroupPlanner.Plan(spec, scan, storage.Report.On(machine), beside, hasOwnVolumes);
        Refusal = Plan.Group is null && scan.Group(spec.VolumeGroup.Name) is not null ? Plan.Problems[0] : "";
    }

    /// <summary>What the class promises to volumes here. Every look at a volume asks for it, and it seldom changes.</summary>
    internal VolumeTerms TermsOf(StorageClass storageClass, NodeLocalStorageSpec spec, StorageParameters parameters)
    {
        if (_promised is { } known && ReferenceEquals(known.Class, storageClass) && ReferenceEquals(known.Spec, spec))
        {
            return known.Terms;
        }

        var terms = new VolumeTerms
        {
            StorageClass = spec.StorageClass,
            Group = spec.VolumeGroup.Name,
            Layout = spec.Layout,
            Reserve = spec.Reserve,
            Wipe = spec.Wipe,
            ReclaimPolicy = storageClass.ReclaimPolicy,
            MountOptions = [.. storageClass.MountOptions],
            FileSystem = parameters.FileSystem,
            MayGrow = storageClass.AllowVolumeExpansion,
        };
        _promised = (storageClass, spec, terms);
        return terms;
    }
}
