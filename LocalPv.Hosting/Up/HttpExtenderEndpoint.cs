using System.Net.Http.Headers;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Hosting.Up;

/// <summary>Asks an extender over HTTP, as kube-scheduler does: one POST, JSON both ways, no second try.</summary>
/// <param name="http">Sends the requests.</param>
internal sealed class HttpExtenderEndpoint(HttpClient http) : IExtenderEndpoint
{
    /// <summary>Told of every question and its answer.</summary>
    public Action<ExtenderVerb, ExtenderArguments, Outcome<ExtenderAnswer>>? Observer { get; set; }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ExtenderAnswer>> AskAsync(
        ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments, CancellationToken cancellationToken)
    {
        var outcome = await SendAsync(extender, verb, arguments, cancellationToken).ConfigureAwait(false);
        Observer?.Invoke(verb, arguments, outcome);
        return outcome;
    }

    private async Task<Outcome<ExtenderAnswer>> SendAsync(
        ExtenderSettings extender, ExtenderVerb verb, ExtenderArguments arguments, CancellationToken cancellationToken)
    {
        var address = new Uri(extender.UrlOf(verb));
        using var content = new ByteArrayContent(ExtenderWire.Write(arguments).ToUtf8());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(extender.Timeout);
        try
        {
            using var response = await http.PostAsync(address, content, limit.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return ExtenderWire.Read(extender, verb, (int)response.StatusCode, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ExtenderWire.TimedOut(extender, verb);
        }
        catch (HttpRequestException)
        {
            return ExtenderWire.ConnectionRefused(extender, verb, address.Authority);
        }
    }
}
