using System.Net;
using System.Text;
using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>What the API server says when it does not do what it was asked: the fields of <c>metav1.Status</c> that matter to us.</summary>
/// <param name="Code">The HTTP status code.</param>
/// <param name="Reason">The machine's word for why, such as <c>AlreadyExists</c>; empty where none is given.</param>
/// <param name="Message">The sentence for a person.</param>
/// <param name="RetryAfter">How long the server asks us to wait; null where it does not.</param>
public sealed record ServerStatus(int Code, string Reason, string Message, TimeSpan? RetryAfter)
{
    private const int MessageLengthMax = 2000;

    // A server that asks for more is taken at its word for this long, and then asked again: a slip must not silence an agent for a day.
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(10);

    /// <summary>Reads a <c>Status</c> object, as bodies and ERROR events carry it.</summary>
    public static ServerStatus Read(JsonMap status, int httpCode) => new(
        status.Number("code") is { } code and >= 100 and <= 599 ? (int)code : httpCode,
        status.Text("reason") ?? "",
        status.Text("message") ?? $"HTTP {httpCode}",
        status.Map("details")?.Number("retryAfterSeconds") is { } seconds and > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, (long)RetryAfterMax.TotalSeconds))
            : null);

    /// <summary>Reads an answer that is not a success. What is not a Status (a proxy's page, plain text) is kept as the message.</summary>
    public static ServerStatus Read(HttpResponseMessage response, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var code = (int)response.StatusCode;
        var status = TryParse(body) is { } map && map.Text("kind") == "Status"
            ? Read(map, code) with { Code = code }
            : new ServerStatus(code, "", Plain(code, body), null);
        return response.Headers.RetryAfter switch
        {
            { Delta: { } wait } => status with { RetryAfter = Bounded(wait) },
            { Date: { } moment } when moment > now => status with { RetryAfter = Bounded(moment - now) },
            _ => status,
        };
    }

    /// <summary>What the sender does next, by the contract of the port.</summary>
    /// <param name="isWrite">Whether the request could have changed something.</param>
    /// <param name="isCreate">Whether it was to make an object.</param>
    public OutcomeKind Kind(bool isWrite, bool isCreate) => (HttpStatusCode)Code switch
    {
        HttpStatusCode.NotFound => OutcomeKind.NotFound,
        // A create can conflict with something else than its name, such as a quota that changed meanwhile: the reason says which.
        HttpStatusCode.Conflict => isCreate && Reason != "Conflict" ? OutcomeKind.AlreadyExists : OutcomeKind.Conflict,
        HttpStatusCode.Gone => OutcomeKind.Expired,
        HttpStatusCode.UnprocessableEntity => OutcomeKind.Rejected,
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => OutcomeKind.Unavailable,
        >= HttpStatusCode.InternalServerError => isWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable,
        _ => OutcomeKind.Refused,
    };

    private static TimeSpan Bounded(TimeSpan asked) => asked < RetryAfterMax ? asked : RetryAfterMax;

    private static JsonMap? TryParse(ReadOnlySpan<byte> body)
    {
        try
        {
            return body.IsEmpty ? null : JsonTree.Parse(body) as JsonMap;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Plain(int code, ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MessageLengthMax)]).Trim();
        return text.Length == 0 ? $"HTTP {code}" : $"HTTP {code}: {text}";
    }
}
