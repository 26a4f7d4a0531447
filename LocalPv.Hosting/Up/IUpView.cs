using LocalPv.Hosting.Up.Story;

namespace LocalPv.Hosting.Up;

/// <summary>Shows people what happens in the embedded cluster, while it happens. Called from any thread.</summary>
internal interface IUpView
{
    /// <summary>Something happened.</summary>
    void Show(TimelineEntry entry);

    /// <summary>What is waited for, and how far it has come.</summary>
    void Status(string text);
}
