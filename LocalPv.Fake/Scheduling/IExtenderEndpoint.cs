using LocalPv.Core.Outcomes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Reaches extenders. A failed call (status other than 200, malformed body, no connection, too late) is a failed outcome, whose message is
/// what kube-scheduler would report; <see cref="ExtenderWire"/> has these texts and the JSON of both directions.
/// </summary>
public interface IExtenderEndpoint
{
    /// <summary>Sends one question and waits for its answer.</summary>
    ValueTask<Outcome<ExtenderAnswer>> AskAsync(
        ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments, CancellationToken cancellationToken);
}
