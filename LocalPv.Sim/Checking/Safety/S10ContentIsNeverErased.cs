using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S10: a volume is cleared when it is made, and never again while it lives: what was written through its claim stays, whatever is retried,
/// grown, tagged or activated; what lay there before is not its content. (File systems are made by the kubelet, once, when it finds
/// none.) Source: a second mkfs destroys what the first one held.
/// </summary>
internal sealed class S10ContentIsNeverErased()
    : Rule("S10", "A volume that lives is never cleared again."), IFollowsStorage
{
    private (VolumeTruth Target, IReadOnlyList<string> Content)? _before;

    public void Before(LvmCall call)
    {
        var name = call.Request switch
        {
            NodeStorageRequest.CreateLogicalVolume create => create.Name.Value,
            NodeStorageRequest.ExtendLogicalVolume extend => extend.Name.Value,
            NodeStorageRequest.TagLogicalVolume tag => tag.Name.Value,
            NodeStorageRequest.ActivateLogicalVolume activate => activate.Name.Value,
            _ => null,
        };
        _before = name is not null && Targets.Of(Truth, call.Node, call.Request.VolumeGroup!.Value.Value, name) is { } target
            ? (target, Truth.Read(target))
            : null;
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (_before is not { } before || !Truth.Nodes[call.Node].Volumes.TryGetValue(before.Target.Volume.Uuid, out var now))
        {
            return;
        }

        var left = Truth.Read(now);
        if (before.Content.FirstOrDefault(text => text.EndsWith(now.Claim, StringComparison.Ordinal) && !left.Contains(text)) is { } lost)
        {
            Broken($"{call.Request.GetType().Name} has erased '{lost}' on {now}.");
        }
    }
}
