using LocalPv.Core.Agents;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>What all controllers have in common.</summary>
public record ControllerOptions
{
    /// <summary>How long a call of the API server may take; the server itself gives up after 60 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The periods of the copies of objects.</summary>
    public ReflectorOptions Reflector { get; init; } = new();

    /// <summary>Whether Events are written. They change nothing else; long simulations may do without.</summary>
    public bool WritesEvents { get; init; } = true;

    /// <summary>Spreads the waits of different controllers; see <see cref="Backoff.After"/>.</summary>
    public ulong Spread { get; init; }
}
