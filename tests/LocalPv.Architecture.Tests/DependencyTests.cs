using System.Reflection;
using System.Xml.Linq;

namespace LocalPv.Architecture.Tests;

/// <summary>Dependencies point only as ARCHITECTURE.md draws them.</summary>
public sealed class DependencyTests
{
    public static TheoryData<string, string[]> Rooms => new()
    {
        { "LocalPv.Core", [] },
        { "LocalPv.Lvm", ["LocalPv.Core"] },
        { "LocalPv.Fake", ["LocalPv.Core"] },
        { "LocalPv.Sim", ["LocalPv.Core", "LocalPv.Fake"] },
        { "LocalPv.Hosting", ["LocalPv.Core", "LocalPv.Fake", "LocalPv.Lvm"] },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_ProjectReferences_AreThoseOfTheDrawing(string room, string[] allowed)
    {
        var references = Project(room).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order(StringComparer.Ordinal);
        Assert.Equal(allowed, references);
    }

    [Fact]
    public void Core_HasNoPackages() => Assert.Empty(Project("LocalPv.Core").Descendants("PackageReference"));

    [Fact]
    public void Core_ReferencesOnlyTheRuntime()
    {
        var others = Assembly.Load("LocalPv.Core").GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name is not ("netstandard" or "mscorlib") && !name.StartsWith("System.", StringComparison.Ordinal));
        Assert.Empty(others);
    }

    [Theory]
    [InlineData("LocalPv.Core")]
    [InlineData("LocalPv.Fake")]
    [InlineData("LocalPv.Sim")]
    public void DeterministicRoom_IsMarkedAsOne(string room) =>
        Assert.Equal("true", Project(room).Descendants("DeterministicRoom").Single().Value);

    [Theory]
    [InlineData("LocalPv.Core")]
    [InlineData("LocalPv.Lvm")]
    public void Production_NeverNamesSimulatorOrFake(string room)
    {
        foreach (var type in Assembly.Load(room).GetTypes())
        {
            Assert.DoesNotContain("Simulat", type.FullName!, StringComparison.Ordinal);
            Assert.DoesNotContain("Fake", type.FullName!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Core_OnlyPortsAndTheirRunner_AreAsynchronous()
    {
        var offenders =
            from type in Assembly.Load("LocalPv.Core").GetExportedTypes()
            where type.Namespace is not ("LocalPv.Core.Ports" or "LocalPv.Core.Agents")
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where typeof(Task).IsAssignableFrom(method.ReturnType)
                || method.ReturnType.FullName?.StartsWith("System.Threading.Tasks.ValueTask", StringComparison.Ordinal) == true
            select $"{type.FullName}.{method.Name}";
        Assert.Empty(offenders);
    }

    private static XDocument Project(string room) => XDocument.Load(Path.Combine(Repository.Root, room, room + ".csproj"));
}
