using LocalPv.Core.Agents;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Carries out the scheduler's effects: extender calls by <paramref name="endpoint"/>, everything else by <paramref name="inner"/>.
/// </summary>
public sealed class SchedulerEffectRunner(IEffectRunner inner, IExtenderEndpoint endpoint) : IEffectRunner
{
    /// <inheritdoc/>
    public async ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken)
    {
        if (effect is not CallExtender call)
        {
            await inner.RunAsync(effect, deliver, cancellationToken).ConfigureAwait(false);
            return;
        }

        var answer = await endpoint.AskAsync(call.Extender, call.Verb, call.Arguments, cancellationToken).ConfigureAwait(false);
        deliver(new ExtenderAnswered(call.Call, answer));
    }
}
