using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>The parameters of a request, in the order they were given; of a repeated one the first counts, as in the real server.</summary>
public sealed class RestQuery
{
    private readonly List<KeyValuePair<string, string>> _parameters = [];

    /// <summary>Reads what stands behind the question mark.</summary>
    public RestQuery(string query)
    {
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            _parameters.Add(equals < 0 ? new(Decode(part), "") : new(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }
    }

    /// <summary>The value of a parameter, or null where it is not given.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _parameters)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>The value of a parameter; empty where it is not given.</summary>
    public string Text(string name) => this[name] ?? "";

    /// <summary>A truth value, read as the real server does: present without a value is true, so is anything but 0 and false.</summary>
    public bool Flag(string name) => this[name] is { } value && value is not ("0" or "false" or "False" or "FALSE" or "f" or "F");

    /// <summary>A whole number; <paramref name="failure"/> is the 400 of one that is none.</summary>
    public long? Number(string name, ref StatusError? failure)
    {
        if (this[name] is not { Length: > 0 } value)
        {
            return null;
        }

        if (long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        failure ??= StatusError.BadRequest($"strconv.ParseInt: parsing \"{value}\": invalid syntax");
        return null;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
