using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies the sources and plants the mutants in the copies. Each mutant's file has a description and any number of edits: the file, the
/// text to find, which must be there exactly once, and the text to put in its place.
/// </summary>
public class PlantMutants : Task
{
    public string Sources { get; set; }

    public string Planted { get; set; }

    public ITaskItem[] Specimens { get; set; }

    public ITaskItem[] Mutants { get; set; }

    public ITaskItem[] Copies { get; set; }

    public override bool Execute()
    {
        var texts = Specimens.ToDictionary(
            item => Path.GetFullPath(item.ItemSpec).Substring(Sources.Length).Replace('\\', '/'),
            item => File.ReadAllText(item.ItemSpec));
        foreach (var mutant in Mutants)
        {
            Plant(Path.GetFileNameWithoutExtension(mutant.ItemSpec), File.ReadAllLines(mutant.ItemSpec), texts);
        }

        var copies = new List<ITaskItem>();
        foreach (var text in texts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var copy = Path.Combine(Planted, text.Key);
            Directory.CreateDirectory(Path.GetDirectoryName(copy));
            if (!File.Exists(copy) || File.ReadAllText(copy) != text.Value)
            {
                File.WriteAllText(copy, text.Value);
            }

            copies.Add(new TaskItem(copy));
        }

        Copies = copies.ToArray();
        return !Log.HasLoggedErrors;
    }

    private void Plant(string name, string[] lines, Dictionary<string, string> texts)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("in ", StringComparison.Ordinal))
            {
                continue;
            }

            var file = lines[i].Substring(3).Trim();
            var find = Block(lines, ref i, "find");
            var put = Block(lines, ref i, "put");
            if (!texts.TryGetValue(file, out var text))
            {
                Log.LogError("{0}: there is no source {1}: correct the mutant.", name, file);
                continue;
            }

            var first = text.IndexOf(find, StringComparison.Ordinal);
            if (first < 0 || text.IndexOf(find, first + 1, StringComparison.Ordinal) >= 0)
            {
                Log.LogError(
                    "{0}: the text to find is {1} in {2}: correct tests/LocalPv.Museum/Mutants/{0}.txt. It is: {3}",
                    name, first < 0 ? "not" : "more than once", file, find);
                continue;
            }

            texts[file] = text.Substring(0, first) + put + text.Substring(first + find.Length);
        }
    }

    private string Block(string[] lines, ref int i, string word)
    {
        while (i < lines.Length && lines[i].Trim() != word)
        {
            i++;
        }

        var block = new List<string>();
        for (i++; i < lines.Length && lines[i] != "."; i++)
        {
            block.Add(lines[i]);
        }

        return string.Join("\n", block);
    }
}
