using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Disks;

/// <summary>Wipe policies as classes and NodeLocalStorage objects write them.</summary>
internal static class WipePolicyField
{
    internal static WipePolicy Read(FieldReader reader, string key)
    {
        switch (reader.Text(key))
        {
            case null or "zero":
                return WipePolicy.Zero;
            case "discard":
                return WipePolicy.Discard;
            case "signatures":
                return WipePolicy.Signatures;
            case var other:
                reader.Error(key, $"'{other}' is not a way to wipe; there are zero, discard and signatures.");
                return WipePolicy.Zero;
        }
    }

    internal static string Text(WipePolicy policy) => policy switch
    {
        WipePolicy.Zero => "zero",
        WipePolicy.Discard => "discard",
        WipePolicy.Signatures => "signatures",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
