using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api.Store;

/// <summary>Where a watch begins and how it goes on.</summary>
/// <param name="Store">The store that is watched.</param>
/// <param name="Table">The table of the kind.</param>
/// <param name="Present">Turns a stored object into the form that is watched.</param>
/// <param name="Selection">Which objects are told.</param>
/// <param name="After">Changes after this revision are told.</param>
/// <param name="Initial">Objects that are told first, as additions; null for none.</param>
/// <param name="MarksInitialEnd">Whether a bookmark says that all of <paramref name="Initial"/> was told.</param>
/// <param name="Bookmarks">Whether bookmarks are told.</param>
/// <param name="BookmarkPeriod">How often.</param>
/// <param name="Life">How long the watch lives.</param>
internal sealed record WatchStart(
    ObjectStore Store,
    ObjectTable Table,
    Func<KubernetesObject, KubernetesObject> Present,
    Selection Selection,
    long After,
    IEnumerable<KubernetesObject>? Initial,
    bool MarksInitialEnd,
    bool Bookmarks,
    TimeSpan BookmarkPeriod,
    TimeSpan Life);
