using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Outcomes;

/// <summary>
/// What became of a request: <see cref="OutcomeKind.Done"/> with a value, or another kind with a message for a person that names the
/// object, the value and what to do. Expected failures are outcomes; only bugs and cancellation are exceptions.
/// </summary>
public sealed class Outcome<T>
{
    private readonly T? _value;

    internal Outcome(OutcomeKind kind, T? value, string message, TimeSpan? retryAfter)
    {
        Kind = kind;
        _value = value;
        Message = message;
        RetryAfter = retryAfter;
    }

    /// <summary>What the sender does next.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>Why, for a person; empty when done.</summary>
    public string Message { get; }

    /// <summary>How long the other side asked us to wait, if it said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>It happened, and there is a <see cref="Value"/>.</summary>
    public bool IsDone => Kind == OutcomeKind.Done;

    /// <summary>The answer; throws where there is none, since only a bug reads it then.</summary>
    public T Value => IsDone ? _value! : throw new InvalidOperationException($"No value: {Kind}: {Message}");

    /// <summary>The answer, where it happened.</summary>
    public bool TryGetValue([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return IsDone;
    }

    /// <summary>The same failure as an outcome of another type; throws when done.</summary>
    public Outcome<TOther> As<TOther>() => IsDone
        ? throw new InvalidOperationException("A value cannot be carried over to another type.")
        : new Outcome<TOther>(Kind, default, Message, RetryAfter);

    /// <inheritdoc/>
    public override string ToString() => IsDone ? $"Done({_value})" : $"{Kind}({Message})";
}

/// <summary>Makes outcomes.</summary>
public static class Outcome
{
    /// <summary>It happened, with this answer.</summary>
    public static Outcome<T> Done<T>(T value) => new(OutcomeKind.Done, value, "", null);

    /// <summary>It did not happen, or may not have; <paramref name="kind"/> is anything but <see cref="OutcomeKind.Done"/>.</summary>
    public static Outcome<T> Failed<T>(OutcomeKind kind, string message, TimeSpan? retryAfter = null) => kind == OutcomeKind.Done
        ? throw new ArgumentException("A failure needs a kind other than Done.", nameof(kind))
        : new Outcome<T>(kind, default, message, retryAfter);
}

/// <summary>The answer of a request that has nothing to say but that it was done.</summary>
public readonly record struct Nothing;
