using LocalPv.Core.Outcomes;

namespace LocalPv.Core.Ports;

/// <summary>
/// One node's disks and LVM. Each request documents its own contract; one suite checks it for the real lvm2 and the fake alike. For all of
/// them: a command that was killed, timed out or ended in an unknown way is InDoubt; bad names and sizes are Refused; LVM missing, locked
/// or too old is Unavailable. Requests for different volume groups may run at the same time; for one group the implementation runs them
/// one after another.
/// </summary>
public interface INodeStorage
{
    /// <summary>Carries out one request.</summary>
    ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken);
}
