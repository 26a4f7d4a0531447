using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.World;

/// <summary>
/// One process's connection to the API server. Requests take effect at once (the process adds the way there and back); watches deliver
/// after a lag of their own. When the process dies, its watches die with it.
/// </summary>
internal sealed class SimulatedClusterApi(FakeApiServer server, EventLoop loop, WatchHub hub, KeyedRandom random, Latencies latencies)
    : IClusterApi, IDisposable
{
    private readonly List<SimulatedWatch> _open = [];
    private long _watches;

    public ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken) =>
        new(server.Send(loop.Now, request));

    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver)
    {
        var watch = new SimulatedWatch(
            server.OpenWatch(loop.Now, request), request.Type.Kind, loop, hub, random.For("watch").Split(++_watches), latencies, deliver);
        _open.RemoveAll(old => old.IsOver);
        _open.Add(watch);
        return watch;
    }

    public void Dispose()
    {
        foreach (var watch in _open)
        {
            watch.Dispose();
        }

        _open.Clear();
    }
}
