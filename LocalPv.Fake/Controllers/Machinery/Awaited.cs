using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>
/// What a controller's work waits for. Controllers do one write after another; here such work is an iterator that yields what it waits for,
/// so that it reads in the order in which it happens, needs no thread, and may be interrupted at every write.
/// </summary>
public abstract class Awaited
{
    private protected Awaited()
    {
    }
}

/// <summary>A call of the API server; its outcome is there when the iterator goes on.</summary>
public sealed class ClusterCall(ClusterRequest request) : Awaited
{
    private Outcome<ClusterAnswer>? _outcome;

    /// <summary>What is asked.</summary>
    public ClusterRequest Request { get; } = request;

    /// <summary>The answer; throws before there is one, since only a bug reads it then.</summary>
    public Outcome<ClusterAnswer> Outcome
    {
        get => _outcome ?? throw new InvalidOperationException("The call has not been answered: yield it first.");
        internal set => _outcome = value;
    }

    /// <summary>Whether it was done.</summary>
    public bool Succeeded => Outcome.IsDone;

    /// <summary>Whether it was not done, or is in doubt.</summary>
    public bool Failed => !Outcome.IsDone;

    /// <summary>Whether the object does not exist.</summary>
    public bool NotFound => Outcome.Kind == OutcomeKind.NotFound;

    /// <summary>The object it was answered with; null where it failed or there was none.</summary>
    public KubernetesObject? Object => Outcome.IsDone ? Outcome.Value.Object : null;
}

/// <summary>
/// An effect that is not a call of the API server, such as mounting a device; <paramref name="make"/> gets the number under which it is
/// answered.
/// </summary>
public sealed class EffectCall(Func<long, Effect> make) : Awaited
{
    /// <summary>Makes the effect of a call number.</summary>
    public Func<long, Effect> Make { get; } = make;

    /// <summary>The event that answered it; null before.</summary>
    public AgentEvent? Answer { get; internal set; }
}

/// <summary>Some time passes.</summary>
public sealed class Pause(TimeSpan duration) : Awaited
{
    /// <summary>How long.</summary>
    public TimeSpan Duration { get; } = duration;
}

/// <summary>The work ends here without success, and is to be done again: after the backoff, or at a given moment.</summary>
public sealed class TryAgain : Awaited
{
    private TryAgain(Instant? at) => At = at;

    /// <summary>When; null for the backoff of the queue.</summary>
    public Instant? At { get; }

    /// <summary>After the backoff.</summary>
    public static TryAgain Later { get; } = new(null);

    /// <summary>At a moment; the failures counted so far stay.</summary>
    public static TryAgain AtMoment(Instant at) => new(at);
}
