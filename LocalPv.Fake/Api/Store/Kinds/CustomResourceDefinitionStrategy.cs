using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Definitions of custom resources. Source: apiextensions-apiserver/pkg/registry/customresourcedefinition.</summary>
internal sealed class CustomResourceDefinitionStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        if (body.Map("spec") is not { } spec || spec.Map("names") is not { } names)
        {
            return body;
        }

        var kind = names.Text("kind") ?? "";
        names = names.Contains("singular") ? names : names.With("singular", kind.ToLowerInvariant());
        names = names.Contains("listKind") ? names : names.With("listKind", kind + "List");
        spec = spec.With("names", names);
        return body.With("spec", spec.Contains("conversion") ? spec : spec.With("conversion", JsonMap.Of(("strategy", "None"))));
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) => body.With("status", JsonMap.Of(
        ("conditions", JsonNull.Instance),
        ("acceptedNames", JsonMap.Of(("plural", ""), ("kind", ""))),
        ("storedVersions", JsonList.OfTexts(CustomKinds.StorageVersions(body)))));
}
