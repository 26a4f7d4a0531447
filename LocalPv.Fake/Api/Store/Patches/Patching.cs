using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Patches;

/// <summary>Applies patches that change what is there, and judges configurations before they are applied.</summary>
internal static class Patching
{
    /// <summary>The patched object, or why it cannot be patched so.</summary>
    public static bool TryApply(
        KindInfo kind,
        JsonMap served,
        PatchType type,
        JsonTree patch,
        [NotNullWhen(true)] out JsonMap? patched,
        [NotNullWhen(false)] out StatusError? error)
    {
        patched = null;
        error = null;
        switch (type)
        {
            case PatchType.Json:
                if (!JsonPatch.TryApply(served, patch, out var result, out error))
                {
                    return false;
                }

                patched = result as JsonMap;
                break;
            case PatchType.Strategic when !kind.HasStrategicMerge:
                error = StatusError.UnsupportedMediaType(
                    "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml");
                return false;
            case PatchType.Strategic:
                patched = patch is JsonMap changes ? StrategicMergePatch.Apply(served, changes, kind.Shape) : null;
                break;
            default:
                patched = patch is JsonMap ? JsonMergePatch.Apply(served, patch) as JsonMap : null;
                break;
        }

        error = patched is null ? StatusError.BadRequest("error decoding patch: it does not leave an object") : null;
        return patched is not null;
    }

    /// <summary>Why a configuration cannot be applied, or null.</summary>
    public static StatusError? RefuseConfiguration(KindInfo kind, JsonTree configuration, WriteOptions options)
    {
        if (options.FieldManager.Length == 0)
        {
            return StatusError.BadRequest(
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        if (configuration is not JsonMap map)
        {
            return StatusError.BadRequest("error decoding YAML: a configuration is an object");
        }

        if (map.Text("apiVersion") is not { } apiVersion || map.Text("kind") is not { } kindName)
        {
            return StatusError.BadRequest("an applied configuration must name its apiVersion and kind");
        }

        if (apiVersion != kind.Type.ApiVersion || kindName != kind.Type.Kind)
        {
            return StatusError.BadRequest(
                $"failed to create typed patch object: {apiVersion} {kindName} is not {kind.Type.ApiVersion} {kind.Type.Kind}");
        }

        return map.Map("metadata")?.List("managedFields") is { Count: > 0 }
            ? StatusError.BadRequest("metadata.managedFields must be nil")
            : null;
    }

    /// <summary>A configuration without what its door resets: nobody comes to own that.</summary>
    public static JsonMap OnlyWhatTheDoorWrites(KindInfo kind, JsonMap configuration, string subresource)
    {
        if (!kind.HasStatus)
        {
            return configuration;
        }

        if (subresource.Length == 0)
        {
            return configuration.Without("status");
        }

        var status = configuration.Without("spec");
        return kind.IsCustom ? status.With("metadata", JsonMap.Of(("name", configuration.At("metadata", "name")))) : status;
    }
}
