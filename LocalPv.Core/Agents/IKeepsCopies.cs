namespace LocalPv.Core.Agents;

/// <summary>Who keeps copies of API objects, for whoever wants to know how good they are.</summary>
public interface IKeepsCopies
{
    /// <summary>The copies, one for each type; they change with every step.</summary>
    IReadOnlyList<Reflector> Copies { get; }
}
