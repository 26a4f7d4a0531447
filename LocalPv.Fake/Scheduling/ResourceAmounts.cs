using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Amounts of compute resources: CPU in thousandths of a core, memory in bytes, and whatever else is named, in its own units.
/// </summary>
internal readonly record struct ResourceAmounts(long Cpu, long Memory, ImmutableSortedDictionary<string, long> Others)
{
    /// <summary>Nothing of anything.</summary>
    public static ResourceAmounts None { get; } = new(0, 0, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>Reads a resource list such as <c>resources.requests</c> or <c>status.allocatable</c>; <c>pods</c> is left out.</summary>
    public static ResourceAmounts Read(JsonMap? list)
    {
        if (list is null)
        {
            return None;
        }

        var others = None.Others;
        foreach (var (name, value) in list.AsSpan())
        {
            if (name is not ("cpu" or "memory" or "pods"))
            {
                others = others.SetItem(name, ResourceQuantity.Units(value));
            }
        }

        return new ResourceAmounts(ResourceQuantity.Thousandths(list["cpu"]), ResourceQuantity.Units(list["memory"]), others);
    }

    /// <summary>What is named in a resource list and also managed by an extender makes the extender interested.</summary>
    public bool Names(string resource) => resource switch
    {
        "cpu" => Cpu > 0,
        "memory" => Memory > 0,
        _ => Others.ContainsKey(resource),
    };

    /// <summary>Both together.</summary>
    public ResourceAmounts Plus(in ResourceAmounts other) => new(
        Add(Cpu, other.Cpu), Add(Memory, other.Memory), Combine(Others, other.Others, Add));

    /// <summary>What is left after taking <paramref name="other"/>.</summary>
    public ResourceAmounts Minus(in ResourceAmounts other) => new(
        Cpu - other.Cpu, Memory - other.Memory, Combine(Others, other.Others, static (a, b) => a - b));

    /// <summary>The larger of both, resource by resource.</summary>
    public ResourceAmounts Max(in ResourceAmounts other) => new(
        Math.Max(Cpu, other.Cpu), Math.Max(Memory, other.Memory), Combine(Others, other.Others, Math.Max));

    private static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static ImmutableSortedDictionary<string, long> Combine(
        ImmutableSortedDictionary<string, long> a, ImmutableSortedDictionary<string, long> b, Func<long, long, long> operation)
    {
        if (b.IsEmpty)
        {
            return a;
        }

        foreach (var (name, amount) in b)
        {
            a = a.SetItem(name, operation(a.GetValueOrDefault(name), amount));
        }

        return a;
    }
}
