using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Up.Story;

/// <summary>Tells what agents do to their node's disks.</summary>
internal static class StorageStory
{
    /// <summary>Tells one request and what became of it; scans are no news.</summary>
    public static void Tell(Timeline timeline, NodeName node, NodeStorageRequest request, Outcome<NodeStorageAnswer> outcome)
    {
        if (request is NodeStorageRequest.Scan)
        {
            return;
        }

        var about = request switch
        {
            NodeStorageRequest.CreateLogicalVolume create => $"lv/{create.Name}",
            NodeStorageRequest.ExtendLogicalVolume extend => $"lv/{extend.Name}",
            NodeStorageRequest.RemoveLogicalVolume remove => $"lv/{remove.Name}",
            NodeStorageRequest.ActivateLogicalVolume activate => $"lv/{activate.Name}",
            _ => $"vg/{request.VolumeGroup}",
        };
        var command = ShortName.Of(Workers.StorageRequestText.Of(request));
        timeline.Add(
            "lvm " + node,
            ShortName.Of(about),
            outcome.IsDone ? request.GetType().Name : outcome.Kind.ToString(),
            outcome.IsDone ? command : $"{command} fails: {outcome.Kind}: {ShortName.Of(outcome.Message)}");
    }
}
