using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Hosting.Up.Story;

/// <summary>One thing that happened in the embedded cluster, for a person to read.</summary>
/// <param name="At">How long after the start.</param>
/// <param name="Who">The part of the cluster that did it, such as <c>scheduler</c> or <c>agent node-1</c>.</param>
/// <param name="About">The object, as kubectl names it: <c>pvc/data-db-0</c>.</param>
/// <param name="What">A word that tells the kinds of entries apart, stable for scripts: <c>SelectedNode</c>, <c>NoSpace</c>, ….</param>
/// <param name="Text">What happened, in a sentence's worth.</param>
public sealed record TimelineEntry(TimeSpan At, string Who, string About, string What, string Text)
{
    /// <summary>As a plain line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,7:0.000}s  {Who,-16} {About,-34} {Text}");

    /// <summary>As JSON.</summary>
    public JsonMap ToTree() => JsonMap.Of(
        ("atMilliseconds", (long)At.TotalMilliseconds), ("who", Who), ("about", About), ("what", What), ("text", Text));
}
