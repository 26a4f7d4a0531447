using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S22: with two leaders the writes together are still such as one could have made: each is a creation of a fixed name, or carries the
/// version or uid it rests on, so that the second of two equal writes changes nothing.
/// Source: client-go/tools/leaderelection does not promise that only one acts.
/// </summary>
internal sealed class S22TwoLeadersDoNoHarm()
    : Rule("S22", "Whatever two leaders write, one could have written."), IFollowsRequests
{
    public void Before(ClusterCall call)
    {
        if (!Actors.IsController(call.Process) || call.Request.Resource.Kind == "Event")
        {
            return;
        }

        var hasName = call.Request is not ClusterRequest.Create create || create.Body.Map("metadata")?.Text("name") is { Length: > 0 };
        if (!Targets.IsGuarded(call.Request) || !hasName)
        {
            Broken($"{call.Process} sends an unguarded {call.Request.GetType().Name} of {call.Request.Resource}.");
        }
    }
}
