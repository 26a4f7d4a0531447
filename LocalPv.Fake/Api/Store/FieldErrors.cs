using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>What is wrong with the fields of an object, in the order it was found and in the words of a real server.</summary>
public sealed class FieldErrors
{
    private readonly List<(string Reason, string Field, string Message)> _found = [];

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _found.Count > 0;

    /// <summary>All of it in one line.</summary>
    public string Message => _found.Count == 1
        ? Line(_found[0])
        : "[" + string.Join(", ", _found.Select(Line).Distinct()) + "]";

    /// <summary>A value that does not do; it is shown as a real server shows it, texts in quotes.</summary>
    public void Invalid(string field, JsonTree value, string why) =>
        Add("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {why}");

    /// <summary>A value that does not do, shown as given.</summary>
    public void InvalidAs(string field, string shown, string why) => Add("FieldValueInvalid", field, $"Invalid value: {shown}: {why}");

    /// <summary>A value of the wrong type.</summary>
    public void WrongType(string field, string shown, string why) => Add("FieldValueTypeInvalid", field, $"Invalid value: {shown}: {why}");

    /// <summary>A value that is missing; <paramref name="why"/> may be empty.</summary>
    public void Required(string field, string why) =>
        Add("FieldValueRequired", field, why.Length == 0 ? "Required value" : "Required value: " + why);

    /// <summary>A value or a change that is not allowed.</summary>
    public void Forbidden(string field, string why) => Add("FieldValueForbidden", field, "Forbidden: " + why);

    /// <summary>A value that is none of a closed set.</summary>
    public void NotSupported(string field, JsonTree value, params ReadOnlySpan<string> supported)
    {
        var quoted = supported.ToArray().Order(StringComparer.Ordinal).Select(Quote);
        Add("FieldValueNotSupported", field, $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", quoted)}");
    }

    /// <summary>A value that stands in a set already.</summary>
    public void Duplicate(string field, JsonTree value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    /// <summary>A name that refers to nothing.</summary>
    public void NotFound(string field, JsonTree value) => Add("FieldValueNotFound", field, $"Not found: {Show(value)}");

    /// <summary>Too many items.</summary>
    public void TooMany(string field, int count, int most) => Add(
        "FieldValueTooMany", field, string.Create(CultureInfo.InvariantCulture, $"Too many: {count}: must have at most {most} items"));

    /// <summary>Too long a text.</summary>
    public void TooLong(string field, int most) => Add(
        "FieldValueTooLong", field, string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {most} bytes"));

    /// <summary>The causes of a <c>Status</c>.</summary>
    public JsonList ToCauses() => new([.. _found.Select(found => (JsonTree)JsonMap.Of(
        ("reason", found.Reason), ("message", found.Message), ("field", found.Field)))]);

    internal static string Quote(string text) => new JsonText(text).ToString();

    private static string Show(JsonTree value) => value.ToString();

    private static string Line((string Reason, string Field, string Message) found) => found.Field + ": " + found.Message;

    private void Add(string reason, string field, string message) => _found.Add((reason, field, message));
}
