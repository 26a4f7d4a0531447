using LocalPv.Core.Agents;
using LocalPv.Core.Ports;
using Xunit.Abstractions;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>
/// The agent is killed before and after every single effect that can change something, one after another: each new process does one effect
/// more than the one before it. The node goes on; LVM is real. (Reads change nothing: dying at them is dying at the effect before.)
/// </summary>
public sealed class AgentSweepTests(ITestOutputHelper output)
{
    private static readonly (string Name, Action<NodeLife> Do)[] Phases =
    [
        ("the group is made", life => life.InstallClass()),
        ("a claim is made", life => life.Do(Deed.CreateClaim, 1)),
        ("a claim grows", life => life.Do(Deed.GrowClaim, 0)),
        ("two claims are made", life =>
        {
            life.Do(Deed.CreateClaim, 2);
            life.Do(Deed.CreateClaim, 3);
        }),
        ("a claim is deleted", life => life.Do(Deed.DeleteClaim, 0)),
    ];

    [Fact]
    public async Task Agent_KilledBeforeAndAfterEveryEffect_LosesDoublesAndLeaksNothing()
    {
        await using var life = new NodeLife();
        await life.BootAsync();
        var (kills, storage) = (0, 0);
        foreach (var (name, act) in Phases)
        {
            var done = new HashSet<string>(StringComparer.Ordinal);
            act(life);
            while (true)
            {
                life.RestartAgent(atEffect: (effect, after) =>
                {
                    if (KeyOf(effect) is { } key && done.Add($"{(after ? "after" : "before")} {key}"))
                    {
                        storage += effect is Effect.CallStorage ? 1 : 0;
                        throw new AgentKilledException($"{(after ? "after" : "before")} {key}");
                    }
                });
                try
                {
                    await life.SettleAsync();
                    break;
                }
                catch (AgentKilledException killed)
                {
                    output.WriteLine($"{name}: {killed.Message}");
                    kills++;
                }
            }

            await life.CheckAsync(name);
        }

        output.WriteLine($"{kills} kills, {storage} of them at LVM");
        Assert.True(kills >= 40 && storage >= 12, $"{kills} kills, {storage} of them at LVM");
    }

    // Which effect it is, however often a process begins anew: without versions and times.
    private static string? KeyOf(Effect effect) => effect switch
    {
        Effect.CallStorage { Request: not NodeStorageRequest.Scan } call =>
            $"{call.Request.GetType().Name} {call.Request.VolumeGroup} {NameOf(call.Request)}",
        Effect.CallCluster { Request: ClusterRequest.Create create } =>
            $"create {create.Type.Plural} {create.Body.Map("metadata")?.Text("name")}",
        Effect.CallCluster { Request: ClusterRequest.Patch patch } =>
            $"patch {patch.Type.Plural} {patch.Key} {patch.Subresource} {string.Join(',', patch.Changes.Keys)}",
        Effect.CallCluster { Request: ClusterRequest.Replace replace } =>
            $"replace {replace.Type.Plural} {replace.Key} {replace.Subresource}",
        Effect.CallCluster { Request: ClusterRequest.Delete delete } => $"delete {delete.Type.Plural} {delete.Key}",
        _ => null,
    };

    private static string NameOf(NodeStorageRequest request) => request switch
    {
        NodeStorageRequest.CreateLogicalVolume create => create.Name.Value,
        NodeStorageRequest.ExtendLogicalVolume extend => extend.Name.Value,
        NodeStorageRequest.RemoveLogicalVolume remove => remove.Name.Value,
        NodeStorageRequest.ActivateLogicalVolume activate => activate.Name.Value,
        NodeStorageRequest.TagLogicalVolume tag => $"{tag.Name.Value} {tag.Tag}",
        _ => "",
    };

    private sealed class AgentKilledException(string where) : Exception(where);
}
