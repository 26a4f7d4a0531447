using System.Globalization;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>A JSON string.</summary>
public sealed class JsonText(string value) : JsonTree
{
    /// <summary>The text.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteStringValue(Value);

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other) => other is JsonText text && text.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A JSON number, kept as its text, so that nothing is lost by reading and writing it.</summary>
public sealed class JsonNumber : JsonTree
{
    private JsonNumber(string text) => Text = text;

    /// <summary>The number as JSON writes it.</summary>
    public string Text { get; }

    /// <summary>A whole number.</summary>
    public static JsonNumber From(long value) => new(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The number whose JSON text this is; the caller vouches that it is one.</summary>
    internal static JsonNumber FromText(string text) => new(text);

    /// <summary>The value where it is a whole number of 64 bits, written without fraction or exponent.</summary>
    public bool TryGetInt64(out long value) =>
        long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(Text, skipInputValidation: true);

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other) => other is JsonNumber number && number.Text == Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A JSON truth value.</summary>
public sealed class JsonBoolean : JsonTree
{
    private JsonBoolean(bool value) => Value = value;

    /// <summary>True.</summary>
    public static JsonBoolean True { get; } = new(true);

    /// <summary>False.</summary>
    public static JsonBoolean False { get; } = new(false);

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteBooleanValue(Value);

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value ? 1 : 2;
}

/// <summary>JSON's null.</summary>
public sealed class JsonNull : JsonTree
{
    private JsonNull()
    {
    }

    /// <summary>The one null.</summary>
    public static JsonNull Instance { get; } = new();

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteNullValue();

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => 3;
}
