using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>A condition that was read from a rule.</summary>
internal sealed class CelExpression
{
    private readonly CelEvaluation _evaluate;

    private CelExpression(CelEvaluation evaluate, bool readsOld)
    {
        _evaluate = evaluate;
        ReadsOld = readsOld;
    }

    /// <summary>Whether it speaks of <c>oldSelf</c>.</summary>
    public bool ReadsOld { get; }

    /// <summary>Reads a rule; false where it says something that is not understood here.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out CelExpression? expression)
    {
        var reader = new CelReader(text);
        expression = reader.TryRead(out var evaluate) ? new CelExpression(evaluate, reader.ReadsOld) : null;
        return expression is not null;
    }

    /// <summary>Whether it is true; an error (a missing field, a wrong type) is not.</summary>
    public bool Holds(JsonTree self, JsonTree? old) => ReferenceEquals(_evaluate(new CelScope(self, old)), JsonBoolean.True);
}

/// <summary>What the names in a rule mean. A null result is an error.</summary>
internal readonly record struct CelScope(JsonTree Self, JsonTree? Old);

/// <summary>Works out a part of a rule; null for an error.</summary>
internal delegate JsonTree? CelEvaluation(CelScope scope);
