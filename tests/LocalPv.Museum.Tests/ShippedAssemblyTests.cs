using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LocalPv.Museum.Tests;

/// <summary>Planted bugs are in the museum, and in nothing that is shipped.</summary>
public sealed class ShippedAssemblyTests
{
    [Fact]
    public void ShippedAssembly_HasNoPlantedBug()
    {
        var shipped = Shipped().ToList();
        Assert.Equal(
            ["LocalPv.Core.dll", "LocalPv.Fake.dll", "LocalPv.Lvm.dll", "localpv-sim.dll", "localpv.dll"],
            shipped.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(shipped, file => Assert.Empty(TracesOfBugs(file)));
    }

    [Fact]
    public void Museum_HasEveryPlantedBug()
    {
        var traces = TracesOfBugs(typeof(Exhibit).Assembly.Location);
        Assert.Contains("Mutants", traces);
        Assert.All(Exhibit.All, exhibit => Assert.Contains(exhibit.Name, traces));
    }

    // Beside these tests lies LocalPv.sln's folder structure; each room's own output has what is shipped of it.
    private static IEnumerable<string> Shipped()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = folder.Parent!.Name;
        while (!File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("There is no LocalPv.sln above: run this in the source tree.");
        }

        foreach (var (room, file) in new[]
        {
            ("LocalPv.Core", "LocalPv.Core.dll"), ("LocalPv.Fake", "LocalPv.Fake.dll"), ("LocalPv.Lvm", "LocalPv.Lvm.dll"),
            ("LocalPv.Sim", "localpv-sim.dll"), ("LocalPv.Hosting", "localpv.dll"),
        })
        {
            yield return Path.Combine(folder.FullName, room, "bin", configuration, "net10.0", file);
        }
    }

    // The name of the switch among the types, and the names of the bugs among the texts.
    private static List<string> TracesOfBugs(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        var found = metadata.TypeDefinitions.Select(handle => metadata.GetString(metadata.GetTypeDefinition(handle).Name))
            .Concat(metadata.TypeReferences.Select(handle => metadata.GetString(metadata.GetTypeReference(handle).Name)))
            .Where(name => name == "Mutants")
            .ToList();
        for (var handle = System.Reflection.Metadata.Ecma335.MetadataTokens.UserStringHandle(1);
            !handle.IsNil;
            handle = System.Reflection.Metadata.Ecma335.MetadataReaderExtensions.GetNextHandle(metadata, handle))
        {
            if (metadata.GetUserString(handle) is ['M', _, _] text && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]))
            {
                found.Add(text);
            }
        }

        return found;
    }
}
