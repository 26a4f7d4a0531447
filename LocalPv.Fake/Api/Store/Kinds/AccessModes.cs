using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>The access modes of claims and volumes.</summary>
internal static class AccessModes
{
    private static readonly string[] All = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Validate(JsonMap spec, string path, string whyRequired, FieldErrors errors)
    {
        var modes = spec.List("accessModes") ?? JsonList.Empty;
        if (modes.Count == 0)
        {
            errors.Required(path + ".accessModes", whyRequired);
        }

        foreach (var mode in modes)
        {
            if (mode is not JsonText text || !All.Contains(text.Value))
            {
                errors.NotSupported(path + ".accessModes", mode, All);
            }
        }

        if (modes.Count > 1 && modes.Texts().Contains("ReadWriteOncePod"))
        {
            errors.Forbidden(path + ".accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }
}
