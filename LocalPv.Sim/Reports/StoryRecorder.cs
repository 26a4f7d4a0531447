using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Reports;

/// <summary>Breaks never; writes down what a person needs to understand a run, one line for each change of state.</summary>
public sealed class StoryRecorder : Invariant
{
    private readonly List<StoryLine> _lines = [];
    private readonly SortedDictionary<string, string> _states = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Id => "story";

    /// <inheritdoc/>
    public override string Statement => "What happens is written down.";

    /// <summary>The story so far.</summary>
    public IReadOnlyList<StoryLine> Lines => _lines;

    /// <summary>The story of a run that has ended, with what it broke as its last line.</summary>
    public ImmutableArray<StoryLine> StoryOf(RunReport report) => report.Violation is not { } violation
        ? [.. _lines]
        : [.. _lines, new StoryLine(violation.At, violation.Event, "fault", violation.ToString()) { Kind = StoryKind.Broken }];

    /// <inheritdoc/>
    public override void OnCommit(Change change)
    {
        var after = change.Type == ChangeType.Deleted ? null : change.Object;
        var thing = $"{change.Object.Type.Kind} {change.Object.Key}";
        var state = StateOf(after);
        var isTold = false;
        foreach (var what in MilestoneRecorder.Describe(change.Previous, after))
        {
            Add("api", $"{thing}: {what}", thing: thing, state: state ?? "there");
            isTold = true;
        }

        if (!isTold && state is not null && (_states.GetValueOrDefault(thing) ?? "") != state)
        {
            Add("api", $"{thing}: {(state.Length == 0 ? "is gone" : state)}", thing: thing, state: state);
        }
    }

    /// <inheritdoc/>
    public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
    {
        switch (happened)
        {
            case AgentEvent.Started:
                Add(process.Name, "starts", thing: process.Name, state: "runs");
                break;
            case AgentEvent.ClusterAnswered { Outcome.IsDone: false } answered when answered.Request.IsWrite:
                Add(process.Name, $"{About(answered.Request)}: {answered.Outcome.Kind}: {answered.Outcome.Message}", StoryKind.Failure);
                break;
            default:
                break;
        }

        foreach (var effect in effects)
        {
            if (effect is Effect.CallCluster { Request: { IsWrite: true } request } && IsWorthTelling(request))
            {
                Add(process.Name, About(request));
            }
        }
    }

    /// <inheritdoc/>
    public override void OnStorage(StorageCall call)
    {
        if (call.Request is NodeStorageRequest.Scan && call.Outcome is { IsDone: true })
        {
            return;
        }

        var isDone = call.Outcome is { IsDone: true };
        var answer = call.Outcome is null ? "never answers" : isDone ? "done" : $"{call.Outcome.Kind}: {call.Outcome.Message}";
        var lane = "lvm/" + call.Node;
        Add(lane, $"{call.Process}: {About(call.Request)}: {answer}", isDone ? StoryKind.Usual : StoryKind.Failure);
        AddCapacity(call.Node, call.After);
    }

    /// <inheritdoc/>
    public override void OnExtender(ExtenderExchange exchange)
    {
        if (exchange.Verb == ExtenderVerb.Prioritize)
        {
            return;
        }

        var lane = exchange.Process.Length > 0 ? exchange.Process : "extender";
        var answer = exchange.Problem.Length > 0 ? exchange.Problem
            : $"fits on [{string.Join(", ", exchange.Filtered!.Passed)}]"
                + string.Concat(exchange.Filtered.Rejected.Select(node => $"; {node.Node}: {node.Reason}"));
        Add(lane, $"Pod {exchange.Pod.Key}: {answer}", exchange.Problem.Length > 0 ? StoryKind.Failure : StoryKind.Usual);
    }

    /// <inheritdoc/>
    public override void OnDevice(DeviceUse use) =>
        Add("kubelet/" + use.Node, string.Create(CultureInfo.InvariantCulture, $"{use.Action} {use.Path} for Pod {use.PodUid}"));

    /// <inheritdoc/>
    public override void OnFault(ActiveFault fault, bool hasBegun)
    {
        var step = PlanWriter.Write(new Step.Break(fault.Fault));
        Add(
            "fault",
            $"{(hasBegun ? "begins" : "ends")}: {fault.Fault.Info.Word} {fault.Target} ({fault.Fault.Info.Meaning})",
            StoryKind.Fault,
            $"fault {step} {fault.Target}",
            hasBegun ? "active" : "");
        if (Run.Cluster.Nodes.TryGetValue(fault.Target, out var node))
        {
            AddCapacity(node.Name, node.Truth);
        }
    }

    /// <inheritdoc/>
    public override void OnPlanStep(TimedStep step, string? problem) => Add(
        "plan", PlanWriter.Write(step.What) + (problem is null ? "" : $": not possible: {problem}"), StoryKind.Plan);

    /// <inheritdoc/>
    public override void OnHealed() => Add("plan", "the chaos is over", StoryKind.Plan);

    private void Add(string lane, string text, StoryKind kind = StoryKind.Usual, string? thing = null, string state = "")
    {
        if (thing is not null)
        {
            _states[thing] = state;
        }

        _lines.Add(new StoryLine(Run.Now - Run.Cluster.Loop.Start, Run.Cluster.Loop.Happened, lane, text)
        {
            Kind = kind,
            Thing = thing,
            State = state,
        });
    }

    private void AddCapacity(string node, NodeScan truth)
    {
        foreach (var group in truth.VolumeGroups)
        {
            var used = group.Extents.Value - group.FreeExtents.Value;
            var volumes = string.Join(", ", group.LogicalVolumes.Select(volume => volume.Name.Value));
            var state = string.Create(CultureInfo.InvariantCulture, $"{used}/{group.Extents.Value} extents used; {volumes}");
            var text = $"{node}/{group.Name}: {used} of {group.Extents.Value} extents used";
            var thing = $"vg {node}/{group.Name}";
            if (_states.GetValueOrDefault(thing) != state)
            {
                Add("lvm/" + node, text, thing: thing, state: state);
            }
        }
    }

    // Leases are renewed and Events written all the time; they change nothing.
    private static bool IsWorthTelling(ClusterRequest request) =>
        request.Resource.Plural is not ("leases" or "events" or "csistoragecapacities");

    private static string About(ClusterRequest request) => request switch
    {
        ClusterRequest.Create create => $"create {create.Resource.Kind} {create.Body.Map("metadata")?.Text("name")}",
        ClusterRequest.Patch patch => $"patch {patch.Resource.Kind} {patch.Key} {patch.Subresource}".TrimEnd(),
        ClusterRequest.Replace replace => $"replace {replace.Resource.Kind} {replace.Key} {replace.Subresource}".TrimEnd(),
        ClusterRequest.CreateSubresource create => $"create {create.Subresource} of {create.Resource.Kind} {create.Key}",
        ClusterRequest.Delete delete => $"delete {delete.Resource.Kind} {delete.Key}",
        _ => $"read {request.Resource.Plural}",
    };

    private static string About(NodeStorageRequest request) => request switch
    {
        NodeStorageRequest.CreateLogicalVolume create => $"create {create.Group}/{create.Name} of {create.Extents} extents",
        NodeStorageRequest.RemoveLogicalVolume remove => $"remove {remove.Group}/{remove.Name}",
        NodeStorageRequest.ExtendLogicalVolume extend => $"extend {extend.Group}/{extend.Name} to {extend.Extents} extents",
        NodeStorageRequest.ActivateLogicalVolume activate => $"activate {activate.Group}/{activate.Name}",
        NodeStorageRequest.TagLogicalVolume tag => $"tag {tag.Group}/{tag.Name} with {tag.Tag}",
        _ => $"{request.GetType().Name} {request.VolumeGroup}".TrimEnd(),
    };

    // Null for what a person does not follow.
    private static string? StateOf(KubernetesObject? after) => after switch
    {
        null => "",
        PersistentVolumeClaim claim => $"{claim.Phase}, {claim.RequestedStorage} of {claim.StorageClassName}"
            + (claim.SelectedNode is { } node ? $", selected {node}" : "") + Deleting(claim),
        PersistentVolume volume => $"{volume.Phase} on {volume.HostName}, {volume.Capacity}" + Deleting(volume),
        Pod pod => $"{pod.Phase}" + (pod.NodeName.Length > 0 ? $" on {pod.NodeName}" : "") + Deleting(pod),
        NodeLocalStorage storage => $"{storage.Phase}, {storage.Status.Text("free")} free of {storage.Status.Text("capacity")}",
        _ => null,
    };

    private static string Deleting(KubernetesObject about) => about.IsBeingDeleted ? ", being deleted" : "";
}
