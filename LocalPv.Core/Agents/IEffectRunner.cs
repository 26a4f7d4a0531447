namespace LocalPv.Core.Agents;

/// <summary>Carries out the effects of one agent. Drivers handle <see cref="Effect.WakeAt"/> themselves: time is theirs.</summary>
public interface IEffectRunner
{
    /// <summary>
    /// Carries out one effect and delivers the events that answer it, from any thread. The task ends when the effect is done; a watch's
    /// when it is open.
    /// </summary>
    ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken);
}
