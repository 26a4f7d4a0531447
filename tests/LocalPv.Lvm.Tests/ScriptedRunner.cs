using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Tests;

/// <summary>Answers commands from a script: the first rule whose word is among the command's words answers it.</summary>
internal sealed class ScriptedRunner : ICommandRunner
{
    private readonly List<(string Word, CommandResult Result)> _rules = [];

    internal List<string> Commands { get; } = [];

    public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        Commands.Add(command.ToString());
        var index = _rules.FindIndex(rule => command.ToString().Split(' ').Contains(rule.Word));
        var result = index < 0
            ? new CommandResult(CommandEnd.Exited, 0, "", "", Truncated: false)
            : _rules[index].Result;
        return Task.FromResult(result);
    }

    internal ScriptedRunner Answer(string word, string output) =>
        Answer(word, new CommandResult(CommandEnd.Exited, 0, output, "", Truncated: false));

    internal ScriptedRunner Answer(string word, CommandResult result)
    {
        _rules.Add((word, result));
        return this;
    }
}
