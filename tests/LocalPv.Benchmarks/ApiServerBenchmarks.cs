using System.Globalization;
using BenchmarkDotNet.Attributes;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Benchmarks;

/// <summary>
/// What the in-memory API server costs by its typed door, with 10,000 claims in it: the simulator's speed rests on it. The baseline is a
/// read.
/// </summary>
[MemoryDiagnoser]
public class ApiServerBenchmarks
{
    private const int Claims = 10_000;

    private readonly FakeApiServer _server = new(new FakeApiServerOptions());
    private ClusterRequest.Get[] _gets = [];
    private ClusterRequest.Patch[] _patches = [];
    private ClusterRequest.Patch[] _same = [];
    private ClusterRequest.Create _create = null!;
    private FakeWatch _watch = null!;
    private Instant _now;
    private int _at;

    [GlobalSetup]
    public void Setup()
    {
        _gets = new ClusterRequest.Get[Claims];
        _patches = new ClusterRequest.Patch[Claims];
        _same = new ClusterRequest.Patch[Claims];
        var type = ResourceTypes.PersistentVolumeClaims;
        for (var i = 0; i < Claims; i++)
        {
            var key = new ObjectKey("default", $"claim-{i:D5}");
            _server.Seed(_now, type, Claim(key.Name));
            _gets[i] = new ClusterRequest.Get(type, key);
            _patches[i] = new ClusterRequest.Patch(type, key, JsonMap.Empty.WithAt(["metadata", "annotations", "x"], i));
            _same[i] = new ClusterRequest.Patch(type, key, JsonMap.Empty.WithAt(["metadata", "namespace"], "default"));
        }

        _create = new ClusterRequest.Create(type, "default", Claim("another").WithAt(["metadata", "generateName"], "g-"));
        _create = _create with { Body = _create.Body.WithAt(["metadata", "name"], null) };
        _watch = _server.OpenWatch(_now, new WatchRequest(type, ObjectSelector.Everything, "0"));
        Drain();
    }

    [Benchmark(Baseline = true)]
    public Outcome<ClusterAnswer> Get() => _server.Send(Tick(), _gets[_at]);

    [Benchmark]
    public Outcome<ClusterAnswer> PatchThatChanges()
    {
        var request = _patches[Advance()];
        var value = _server.Revision.ToString(CultureInfo.InvariantCulture);
        return _server.Send(Tick(), request with { Changes = JsonMap.Empty.WithAt(["metadata", "annotations", "x"], value) });
    }

    [Benchmark]
    public Outcome<ClusterAnswer> PatchThatChangesNothing() => _server.Send(Tick(), _same[Advance()]);

    [Benchmark]
    public Outcome<ClusterAnswer> CreateAndRemove()
    {
        var made = _server.Send(Tick(), _create).Value.Object!;
        _server.Send(_now, new ClusterRequest.Delete(made.Type, made.Key));
        return _server.Send(_now, new ClusterRequest.Patch(made.Type, made.Key, Unprotected));
    }

    [Benchmark]
    public int PatchAndTellOneWatch()
    {
        PatchThatChanges();
        return Drain();
    }

    private static readonly JsonMap Unprotected = JsonMap.Empty.WithAt(["metadata", "finalizers"], JsonNull.Instance);

    private static JsonMap Claim(string name) => ((JsonMap)JsonTree.Parse("""
        {"metadata":{"annotations":{"x":"y"}},"spec":{"accessModes":["ReadWriteOnce"],
        "storageClassName":"fast","resources":{"requests":{"storage":"1Gi"}}}}
        """)).WithAt(["metadata", "name"], name).WithAt(["metadata", "namespace"], "default");

    private int Drain()
    {
        var count = 0;
        while (_watch.TryRead(_now, out _))
        {
            count++;
        }

        return count;
    }

    private int Advance() => _at = (_at + 7919) % Claims;

    private Instant Tick() => _now += TimeSpan.FromMilliseconds(1);
}
