using System.Globalization;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.CommandLine;

/// <summary>Finds the plan that an argument names: a seed, or a file with a plan's text.</summary>
internal static class PlanFile
{
    internal static Plan Read(string seedOrFile) =>
        ulong.TryParse(seedOrFile, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? PlanGenerator.From(seed)
            : PlanReader.Read(File.ReadAllText(seedOrFile));
}
