using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>The two forms of an Event: <c>v1</c> and <c>events.k8s.io/v1</c>, which name the same fields differently.</summary>
internal static class EventForms
{
    private static readonly (string Core, string Newer)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("count", "deprecatedCount"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("source", "deprecatedSource"),
    ];

    public static JsonMap ToCore(JsonMap newer)
    {
        var core = newer;
        foreach (var (to, from) in Names)
        {
            core = core.Without(from).With(to, newer[from]);
        }

        return core;
    }

    public static JsonMap FromCore(JsonMap core)
    {
        var newer = core;
        foreach (var (from, to) in Names)
        {
            newer = newer.Without(from).With(to, core[from]);
        }

        return newer;
    }
}
