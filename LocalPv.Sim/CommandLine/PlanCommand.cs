using System.CommandLine;
using System.Globalization;
using LocalPv.Sim.WhatIf;

namespace LocalPv.Sim.CommandLine;

/// <summary><c>localpv-sim plan -f cluster.yaml</c>.</summary>
internal static class PlanCommand
{
    internal static Command Create()
    {
        var files = new Option<string[]>("--file", "-f")
        {
            Description = "YAML of 'kubectl get nodes,nls,sc,pvc,pv,pods -A -o yaml', and manifests to try; '-' is standard input.",
            Required = true,
        };
        var lose = new Option<string[]>("--lose") { Description = "Suppose that this node is gone; may be given more than once." };
        var output = new Option<string>("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "plan",
            "Says where the Pods that wait would go, what becomes of the Pods of a node that dies, and how full each volume group is then. "
            + "Only storage, cordons and taints are judged. Exit code: 0 everything fits, 2 bad input, 128 something does not fit.")
        { files, lose, output };
        command.SetAction(parsed =>
        {
            try
            {
                var documents = parsed.GetRequiredValue(files).SelectMany(YamlFile.Read).ToList();
                var result = Forecast.Judge(documents, parsed.GetValue(lose) ?? []);
                if (parsed.GetValue(output) == "json")
                {
                    Console.Out.WriteLine(result.ToJson());
                }
                else
                {
                    Write(Console.Out, result);
                }

                return result.AllFit ? ExitCodes.Good : ExitCodes.NotTrue;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException
                or System.Text.Json.JsonException)
            {
                Console.Error.WriteLine(error.Message);
                return ExitCodes.BadInput;
            }
        });
        return command;
    }

    private static void Write(TextWriter output, WhatIfResult result)
    {
        output.WriteLine($"{"POD",-40} {"WAS ON",-16} {"GOES TO",-16} NOTE");
        foreach (var pod in result.Pods)
        {
            var note = pod.ClaimsLost.IsEmpty ? "" : $"without the data of {string.Join(", ", pod.ClaimsLost)}";
            output.WriteLine($"{pod.Name,-40} {pod.Was,-16} {pod.Node ?? "nowhere",-16} {note}");
            foreach (var why in pod.WhyNot)
            {
                output.WriteLine($"  {why.Node}: {why.Reason}");
            }
        }

        output.WriteLine();
        output.WriteLine($"{"NODE",-16} {"CLASS",-16} {"GROUP",-16} {"SIZE",12} {"FREE NOW",12} {"THEN",12} FULL");
        foreach (var group in result.Groups)
        {
            var then = group.Free.SubtractToZero(group.Promised);
            var full = group.Capacity.Value == 0 ? 0 : 100 - (100 * then.Value / group.Capacity.Value);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{group.Node,-16} {group.Class,-16} {group.Group,-16} {group.Capacity,12} {group.Free,12} {then,12} {full} %"));
        }
    }
}
