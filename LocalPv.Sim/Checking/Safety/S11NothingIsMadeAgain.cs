namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S11: once the logical volume of a claim was removed for good, none of that claim appears again. Source: xtradb K8SPXC-716.
/// </summary>
internal sealed class S11NothingIsMadeAgain()
    : Rule("S11", "A claim whose volume was removed never gets another."), IFollowsVolumes
{
    private readonly SortedSet<string> _ended = new(StringComparer.Ordinal);

    public void OnVolume(VolumeChange change)
    {
        if (change.By is not { } by || change.Volume.Claim.Length == 0)
        {
            return;
        }

        if (change.After is null)
        {
            _ended.Add(change.Volume.Claim);
        }
        else if (change.Before is null && _ended.Contains(change.Volume.Claim))
        {
            Broken($"{by.Process} has made {change.Volume} again: the volume of claim {change.Volume.Claim} was removed for good.");
        }
    }
}
