using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Storage classes: all but metadata, mount options and expansion is fixed. Source: pkg/apis/storage/validation.</summary>
internal sealed class StorageClassStrategy : KindStrategy
{
    private const int ParametersBytesMax = 256 * 1024;

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        var filled = body.Contains("reclaimPolicy") ? body : body.With("reclaimPolicy", "Delete");
        return filled.Contains("volumeBindingMode") ? filled : filled.With("volumeBindingMode", "Immediate");
    }

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(body.Text("provisioner")))
        {
            errors.Required("provisioner", "");
        }

        if (body.Map("parameters") is { } parameters)
        {
            ValidateParameters(parameters, errors);
        }

        if (body["reclaimPolicy"] is { } policy && policy is not JsonText { Value: "Delete" or "Retain" })
        {
            errors.NotSupported("reclaimPolicy", policy, "Delete", "Retain");
        }

        if (body["volumeBindingMode"] is { } mode && mode is not JsonText { Value: "Immediate" or "WaitForFirstConsumer" })
        {
            errors.NotSupported("volumeBindingMode", mode, "Immediate", "WaitForFirstConsumer");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        foreach (var key in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!Equals(body[key], old[key]))
            {
                errors.Forbidden(key, $"updates to {key} are forbidden.");
            }
        }

        if (!Equals(body["volumeBindingMode"], old["volumeBindingMode"]))
        {
            errors.Invalid("volumeBindingMode", body["volumeBindingMode"] ?? JsonNull.Instance, "field is immutable");
        }
    }

    private static void ValidateParameters(JsonMap parameters, FieldErrors errors)
    {
        long size = 0;
        foreach (var (key, value) in parameters.AsSpan())
        {
            if (key.Length == 0)
            {
                errors.Invalid("parameters", key, "field can not be empty.");
            }

            size += key.Length + ((value as JsonText)?.Value.Length ?? 0);
        }

        if (size > ParametersBytesMax)
        {
            errors.TooLong("parameters", ParametersBytesMax);
        }
    }
}
