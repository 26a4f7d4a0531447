using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>The finalizers of an object's tree.</summary>
internal static class Finalizers
{
    public static JsonList Of(JsonMap body) => body.Map("metadata")?.List("finalizers") ?? JsonList.Empty;

    public static bool Has(JsonMap body, string finalizer) => Of(body).Texts().Contains(finalizer);

    /// <summary>The object with a finalizer added at the end, if it is not there.</summary>
    public static JsonMap With(JsonMap body, string finalizer) => Has(body, finalizer)
        ? body
        : body.WithAt(["metadata", "finalizers"], new JsonList(Of(body).Items.Add(finalizer)));

    /// <summary>The object without a finalizer.</summary>
    public static JsonMap Without(JsonMap body, string finalizer)
    {
        if (!Has(body, finalizer))
        {
            return body;
        }

        var left = Of(body).Items.RemoveAll(item => item is JsonText text && text.Value == finalizer);
        return body.WithAt(["metadata", "finalizers"], left.IsEmpty ? null : new JsonList(left));
    }
}
