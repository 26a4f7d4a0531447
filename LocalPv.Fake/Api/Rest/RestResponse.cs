using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// An HTTP answer of the API server, without the network: a body, or a <paramref name="Watch"/> whose frames follow one after another.
/// </summary>
public sealed record RestResponse(int Code, string ContentType, ReadOnlyMemory<byte> Body, RestWatch? Watch = null)
{
    /// <summary>The media type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>Headers beside the content's own, in order; a name may appear more than once.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>A JSON document.</summary>
    public static RestResponse Of(int code, JsonTree body, string contentType = Json) => new(code, contentType, body.ToUtf8());

    /// <summary>A plain text.</summary>
    public static RestResponse Text(int code, string text) => new(code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>What the server says of a path that nothing serves: the only failure that is not a Status.</summary>
    public static RestResponse NoSuchPath() => Text(404, "404 page not found\n") with
    {
        Headers = [new("X-Content-Type-Options", "nosniff")],
    };

    /// <summary>A failure.</summary>
    public static RestResponse Failed(StatusError failure)
    {
        var response = Of(failure.Code, failure.ToStatus());
        if (failure.RetryAfter is not { } wait)
        {
            return response;
        }

        var seconds = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return response with { Headers = [new("Retry-After", seconds)] };
    }
}
