using LocalPv.Core.Agents;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Ends calls that take longer than their effect allows, and answers for them: a write is then in doubt, a read unavailable. A cluster call
/// is answered at its limit; a change of the node's storage only once it has ended for certain, since the agent may conclude from an answer
/// that nothing can still come to be.
/// </summary>
/// <param name="inner">Carries out the effects.</param>
/// <param name="time">Measures the limits.</param>
public sealed class TimeLimitedEffectRunner(IEffectRunner inner, TimeProvider time) : IEffectRunner
{
    /// <inheritdoc/>
    public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
        EffectTimeout.LimitOf(effect) is { } limit
            ? new ValueTask(LimitAsync(effect, limit, deliver, cancellationToken))
            : inner.RunAsync(effect, deliver, cancellationToken);

    private async Task LimitAsync(
        Effect effect, TimeSpan limit, Action<AgentEvent> deliver, CancellationToken cancellationToken)
    {
        var waitForEnd = effect is Effect.CallStorage { Request: not NodeStorageRequest.Scan };
        var answered = 0;
        void DeliverOnce(AgentEvent answer)
        {
            if (Interlocked.Exchange(ref answered, 1) == 0)
            {
                deliver(answer);
            }
        }

        using var timer = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var running = inner.RunAsync(effect, DeliverOnce, linked.Token).AsTask();
        try
        {
            if (waitForEnd)
            {
                await running.ConfigureAwait(false);
            }
            else
            {
                await running.WaitAsync(linked.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            DeliverOnce(EffectTimeout.Answer(effect)!);
        }
    }
}
