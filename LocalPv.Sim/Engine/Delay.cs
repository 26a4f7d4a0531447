namespace LocalPv.Sim.Engine;

/// <summary>By how much longer than usual an effect takes; the default is not at all.</summary>
/// <param name="Extra">The time on top of the usual.</param>
/// <param name="MayOutlastSender">
/// Whether it may still take effect after its sender gave up: an API server that has a write in its hands goes on with it. Otherwise half
/// of the time is spent on the way there, and never so much that its sender gives up before.
/// </param>
internal readonly record struct Delay(TimeSpan Extra, bool MayOutlastSender = false);
