using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Hosting.Up.Story;

/// <summary>Tells what the scheduler asked the extender and what it heard.</summary>
internal static class ExtenderStory
{
    /// <summary>Tells one call.</summary>
    public static void Tell(Timeline timeline, ExtenderVerb verb, ExtenderArguments arguments, Outcome<ExtenderAnswer> outcome)
    {
        var about = "pod/" + arguments.Pod.Name;
        if (!outcome.TryGetValue(out var answer))
        {
            timeline.Add("extender", about, "Error", outcome.Message);
        }
        else if (answer is ExtenderAnswer.Filtered { Error.Length: > 0 } error)
        {
            timeline.Add("extender", about, "Error", error.Error);
        }
        else if (answer is ExtenderAnswer.Filtered filtered)
        {
            var fitting = filtered.NodeNames ?? [.. (filtered.Nodes ?? []).Select(node => node.Name)];
            timeline.Add(
                "extender", about, "Filtered", $"fits on "
                    + $"{string.Join(", ", fitting.Order(StringComparer.Ordinal).DefaultIfEmpty("no node"))}");
            foreach (var (node, reason) in filtered.FailedNodes.Concat(filtered.FailedAndUnresolvableNodes))
            {
                timeline.Add("extender", about, "NotOn", $"not on {node}: {reason}");
            }
        }
        else if (answer is ExtenderAnswer.Prioritized prioritized && verb == ExtenderVerb.Prioritize)
        {
            var scores = prioritized.Hosts.OrderBy(host => host.Host, StringComparer.Ordinal).Select(host => $"{host.Host}={host.Score}");
            timeline.Add("extender", about, "Scored", "scores " + string.Join(", ", scores));
        }
    }
}
