using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <content>What a new look at LVM means for the volumes.</content>
internal sealed partial class VolumeKeeper
{
    /// <summary>LVM was seen, and may have changed.</summary>
    internal void OnPicture()
    {
        if (_storage.Picture is not { } picture)
        {
            return;
        }

        foreach (var work in _works.Values)
        {
            work.FoundBefore = (work.Found, work.FoundIn);
            work.Found = null;
            work.FoundIn = null;
            work.LiesIn = work.LiesIn is { } away && picture.VolumeGroups.All(group => group.Uuid != away.Uuid) ? away : null;
        }

        foreach (var group in picture.VolumeGroups)
        {
            foreach (var volume in group.LogicalVolumes)
            {
                if (volume.Claim is { } uid)
                {
                    var work = WorkOf(uid);
                    var isBetter = work.Found is null || volume.Name.Value == Provisioning.VolumeMachine.NameOf(uid);
                    work.Found = isBetter ? volume : work.Found;
                    work.FoundIn = isBetter ? group : work.FoundIn;
                    work.LiesIn = (work.FoundIn!.Name, work.FoundIn.Uuid);
                }
            }
        }

        foreach (var work in _works.Values)
        {
            // A group that the report leaves out since somebody has locked it, but whose disks are there, is not away. Where it shows one
            // of that name, that is another.
            var isAway = work is { Found: null, LiesIn: { } gone } && !picture.LeavesOut(gone.Name);
            work.AwaySince = isAway ? work.AwaySince ?? _calls.Now : null;
            if (!IsSettled(work))
            {
                MarkDirty(work.Uid);
            }
        }
    }

    // For a volume with which nothing was to be done there is nothing to be done as long as it and its group are as they were. What else
    // is in the group, and how full that is, matters only to those that wait for something.
    private static bool IsSettled(VolumeWork work) =>
        work is { IsIdle: true, Found: { } found, FoundIn: { } group, FoundBefore: ({ } before, { } groupBefore) }
        && ReferenceEquals(found, before)
        && (ReferenceEquals(group, groupBefore) || IsAsBefore(groupBefore, group));

    private static bool IsAsBefore(VolumeGroup before, VolumeGroup group) =>
        group.Name == before.Name && group.Uuid == before.Uuid && group.Tags == before.Tags && group.IsComplete == before.IsComplete;
}
