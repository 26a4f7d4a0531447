using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Lvm;

/// <summary>What goes wrong with one request to the fake storage, as data. A closed set.</summary>
public abstract record StorageFault
{
    private StorageFault()
    {
    }

    /// <summary>It fails and nothing happened.</summary>
    public sealed record Fails(OutcomeKind Kind, string Message) : StorageFault;

    /// <summary>It happens, but its answer is lost.</summary>
    public sealed record HappensInDoubt : StorageFault;

    /// <summary>It does not happen, and its answer is lost.</summary>
    public sealed record LostInDoubt : StorageFault;

    /// <summary>
    /// It stops half-way, in doubt. Making a group: the first disk has its label, no group. Extending one: the first disk has joined.
    /// Making a volume: it is committed with its tags, but neither active nor cleared. Removing one: it is wiped, but there.
    /// Removing a group: the group is gone, the labels are there. The others have no half: they are lost.
    /// </summary>
    public sealed record HappensHalf : StorageFault;

    /// <summary>It says Done, but the disk dropped the write: nothing happened.</summary>
    public sealed record DroppedWrite : StorageFault;

    /// <summary>It never answers; cancelling it ends the wait. Nothing happened.</summary>
    public sealed record Hangs : StorageFault;
}

/// <summary>Decides what goes wrong. Asked once for each request, in order; whoever implements it owns the chance in it.</summary>
public interface IStorageFaults
{
    /// <summary>The fault of this request; null where all goes well.</summary>
    StorageFault? Next(NodeStorageRequest request);
}

/// <summary>Nothing ever goes wrong.</summary>
public sealed class NoStorageFaults : IStorageFaults
{
    /// <summary>The one instance.</summary>
    public static NoStorageFaults Instance { get; } = new();

    /// <inheritdoc/>
    public StorageFault? Next(NodeStorageRequest request) => null;
}
