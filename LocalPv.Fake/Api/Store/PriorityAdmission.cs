using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// Gives a new Pod the number that its PriorityClass stands for. Source: plugin/pkg/admission/priority. A number that comes without the
/// name of a class is left as it is; a real server refuses any but that of the default class.
/// </summary>
internal static class PriorityAdmission
{
    // The classes that every cluster has.
    private static readonly (string Name, long Value)[] System =
        [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

    /// <summary>The Pod with its priority, or why it is refused. <paramref name="find"/> finds a class by its name.</summary>
    public static StatusError? Admit(KindInfo kind, string name, Func<string, KubernetesObject?> find, ref JsonMap body)
    {
        if (kind.Type != ResourceTypes.Pods || body.Map("spec") is not { } spec
            || spec.Text("priorityClassName") is not { Length: > 0 } wanted)
        {
            return null;
        }

        var value = Array.Find(System, each => each.Name == wanted).Value;
        var given = find(wanted);
        if (value == 0 && given is null)
        {
            return StatusError.Forbidden(kind, name, $"no PriorityClass with name {wanted} was found");
        }

        value = given?.Tree.Number("value") ?? value;
        if (spec.Number("priority") is { } number && number != value)
        {
            return StatusError.Forbidden(
                kind,
                name,
                $"the integer value of priority ({number}) must not be provided in pod spec; priority admission controller computed "
                + $"{value} from the given PriorityClass name");
        }

        spec = spec.With("priority", value);
        body = body.With("spec", given?.Tree.Text("preemptionPolicy") is { } policy ? spec.With("preemptionPolicy", policy) : spec);
        return null;
    }
}
