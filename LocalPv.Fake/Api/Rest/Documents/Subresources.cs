using System.Collections.Immutable;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>A subresource as discovery tells it.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Kind">What is sent and answered.</param>
/// <param name="Verbs">What can be done.</param>
/// <param name="Group">The group of <paramref name="Kind"/>, where it is another than the object's; else empty.</param>
/// <param name="Version">The version of <paramref name="Kind"/>, with <paramref name="Group"/>.</param>
public sealed record Subresource(string Name, string Kind, ImmutableArray<string> Verbs, string Group = "", string Version = "");

/// <summary>The subresources of kinds.</summary>
public static class Subresources
{
    private static readonly ImmutableArray<string> ReadWrite = ["get", "patch", "update"];

    /// <summary>Those that this server serves, by name.</summary>
    public static IEnumerable<Subresource> Of(KindInfo kind)
    {
        var names = kind.HasStatus ? kind.Subresources.Add("status") : kind.Subresources;
        foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            yield return name switch
            {
                "binding" => new Subresource(name, "Binding", ["create"]),
                "eviction" => new Subresource(name, "Eviction", ["create"], "policy", "v1"),
                "scale" => new Subresource(name, "Scale", ReadWrite, "autoscaling", "v1"),
                "log" => new Subresource(name, "Pod", ["get"]),
                "exec" => new Subresource(name, "PodExecOptions", ["create", "get"]),
                "attach" => new Subresource(name, "PodAttachOptions", ["create", "get"]),
                "portforward" => new Subresource(name, "PodPortForwardOptions", ["create", "get"]),
                "finalize" => new Subresource(name, kind.Type.Kind, ["update"]),
                _ => new Subresource(name, kind.Type.Kind, ReadWrite),
            };
        }
    }
}
