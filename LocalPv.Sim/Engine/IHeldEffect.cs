namespace LocalPv.Sim.Engine;

/// <summary>An effect that has arrived where it takes effect, and stands still there.</summary>
internal interface IHeldEffect
{
    /// <summary>Whether nobody waits for it any more: its sender is dead, or its time is up.</summary>
    bool IsGivenUp { get; }

    /// <summary>Answers that nobody knows what becomes of it, so long after its time is up, unless it has been answered by then.</summary>
    void AnswerInDoubtAfter(TimeSpan patience);

    /// <summary>Lets it take effect now.</summary>
    void GoOn();
}
