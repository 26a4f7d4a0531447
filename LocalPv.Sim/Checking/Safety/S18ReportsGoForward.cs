using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S18: the scan number of a report only grows, also across restarts and with two agents on a node; a number stands for one scan, of one
/// moment; observedGeneration never falls and never runs ahead.
/// </summary>
internal sealed class S18ReportsGoForward() : Rule("S18", "Reports never go back."), IFollowsObjects
{
    public void OnCommit(Commit commit)
    {
        if (commit.Change is not { Type: ChangeType.Modified, Object: NodeLocalStorage after, Previous: NodeLocalStorage before }
            || after.Status.Equals(before.Status))
        {
            return;
        }

        if (after.ScanSequence < before.ScanSequence)
        {
            Broken($"{after.Name} went back from scan {before.ScanSequence} to {after.ScanSequence}.");
        }
        else if (after.ScanSequence == before.ScanSequence && before.ScanSequence > 0
            && after.Status.Text("lastScanTime") != before.Status.Text("lastScanTime"))
        {
            Broken($"{after.Name} gave two scans the number {after.ScanSequence}.");
        }

        var observed = after.Status.Number("observedGeneration") ?? 0;
        if (observed > after.Generation || observed < (before.Status.Number("observedGeneration") ?? 0))
        {
            Broken($"{after.Name} says that it has observed generation {observed} of {after.Generation}.");
        }
    }
}
