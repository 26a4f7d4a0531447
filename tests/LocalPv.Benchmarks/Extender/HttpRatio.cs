using System.Diagnostics;
using System.Globalization;

namespace LocalPv.Benchmarks.Extender;

/// <summary>
/// Measures the extender over HTTP against its floor: the same request to both in turns, in the same process, with an answer of the same
/// size. Prints the medians over the rounds, and the median of the rounds' ratios.
/// </summary>
internal static class HttpRatio
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Runs all cases: 11 rows, each of twice the warm-up and twice <paramref name="each"/> a round.</summary>
    public static void Run(int rounds, TimeSpan each)
    {
        Console.WriteLine("| request | nodes | claims | request bytes | answer bytes | floor µs | extender µs | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (nodes, claims) in (ReadOnlySpan<(int, int)>)[(100, 1), (1000, 1), (5000, 1), (5000, 3)])
        {
            var cluster = new ExtenderCluster(nodes, claims);
            Measure("filter, names", "/scheduler/filter", cluster, cluster.NamesRequest(), nodes, claims, rounds, each);
            Measure("prioritize, names", "/scheduler/prioritize", cluster, cluster.NamesRequest(), nodes, claims, rounds, each);
        }

        foreach (var nodes in (ReadOnlySpan<int>)[100, 1000, 8500])
        {
            var cluster = new ExtenderCluster(nodes, 1);
            Measure("filter, whole nodes", "/scheduler/filter", cluster, cluster.NodesRequest(), nodes, 1, rounds, each);
        }
    }

    private static void Measure(
        string name, string path, ExtenderCluster cluster, byte[] body, int nodes, int claims, int rounds, TimeSpan each)
    {
        using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", $"{nodes}", $"{claims}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = new Uri(server.StandardOutput.ReadLine()!);
        using var extender = new HttpLoad(address, path, body);
        extender.Ask();
        using var floor = new HttpLoad(address, $"/floor/{extender.AnswerBytes}", body);

        // The runtime compiles hot code again; let it.
        extender.Median(WarmUp);
        floor.Median(WarmUp);
        var floors = new List<double>();
        var extenders = new List<double>();
        var ratios = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            floors.Add(floor.Median(each));
            extenders.Add(extender.Median(each));
            ratios.Add(extenders[^1] / floors[^1]);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {nodes} | {claims} | {body.Length} | {extender.AnswerBytes} "
                + $"| {Middle(floors):F0} | {Middle(extenders):F0} | {Middle(ratios):F2} |"));
        server.StandardInput.Close();
        server.WaitForExit();
    }

    private static double Middle(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
