using LocalPv.Core.Agents;

namespace LocalPv.Sim.Engine;

/// <summary>
/// Is told when processes begin and end, and of what they send, right before and after it takes effect: so that one knows who did what.
/// </summary>
public interface IProcessObserver
{
    /// <summary>A process starts its life number <paramref name="life"/>.</summary>
    void Started(string process, int life);

    /// <summary>A process has ended without warning.</summary>
    void Ended(string process);

    /// <summary>An effect is about to take effect, whether or not its sender still lives.</summary>
    void Taking(string process, int life, Effect effect);

    /// <summary>
    /// An effect has taken effect, and this answer is on its way, which may claim otherwise; null where there is none (a watch was opened,
    /// or the request hangs).
    /// </summary>
    void Took(string process, int life, Effect effect, AgentEvent? answer);
}
