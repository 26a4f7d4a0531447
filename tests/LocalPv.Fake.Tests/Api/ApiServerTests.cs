using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Api;

/// <summary>A server with one clock, and short words for what the tests do with it.</summary>
public abstract class ApiServerTests
{
    protected static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <summary>A custom resource for tests.</summary>
    protected static readonly ResourceType Widgets = new("example.com", "v1", "widgets", "Widget", false);

    protected FakeApiServer Server { get; init; } = new(new FakeApiServerOptions { StartedAt = Start });

    protected Instant Now { get; set; } = Start;

    protected static JsonMap Json(string text) => (JsonMap)JsonTree.Parse(text.Replace('\'', '"'));

    protected Outcome<ClusterAnswer> Send(ClusterRequest request) => Server.Send(Now, request);

    protected KubernetesObject Create(ResourceType type, string body, string inNamespace = "default") =>
        Send(new ClusterRequest.Create(type, type.Namespaced ? inNamespace : "", Json(body))).Value.Object!;

    protected KubernetesObject Get(KubernetesObject which) => Send(new ClusterRequest.Get(which.Type, which.Key)).Value.Object!;

    protected Outcome<ClusterAnswer> Patch(KubernetesObject which, string changes, string subresource = "") =>
        Send(new ClusterRequest.Patch(which.Type, which.Key, Json(changes), subresource));

    protected Outcome<ClusterAnswer> Replace(KubernetesObject which, JsonMap body, string subresource = "") =>
        Send(new ClusterRequest.Replace(which.Type, which.Key, body, subresource));

    protected Outcome<ClusterAnswer> Delete(KubernetesObject which, string? uid = null, string? version = null) =>
        Send(new ClusterRequest.Delete(which.Type, which.Key, uid, version));

    protected ClusterAnswer List(ResourceType type, string inNamespace = "", string labels = "", string fields = "") =>
        Send(new ClusterRequest.List(type, new ObjectSelector(inNamespace, labels, fields))).Value;

    protected FakeWatch Watch(ResourceType type, string version, string inNamespace = "", string labels = "", string fields = "") =>
        Server.OpenWatch(Now, new WatchRequest(type, new ObjectSelector(inNamespace, labels, fields), version));

    /// <summary>What a watch has to say now: <c>ADDED name</c> and so on.</summary>
    protected List<WatchSignal> Read(FakeWatch watch)
    {
        var signals = new List<WatchSignal>();
        while (watch.TryRead(Now, out var signal))
        {
            signals.Add(signal);
        }

        return signals;
    }

    protected string Told(FakeWatch watch) => string.Join(" ", Read(watch).Select(signal => signal switch
    {
        WatchSignal.Added added => "+" + added.Object.Name,
        WatchSignal.Modified modified => "~" + modified.Object.Name,
        WatchSignal.Deleted deleted => "-" + deleted.Object.Name,
        WatchSignal.Bookmark => "^",
        WatchSignal.Closed closed => "." + closed.Kind,
        _ => "?",
    }));

    protected static long Version(KubernetesObject of) => long.Parse(of.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);

    protected KubernetesObject CreateClaim(string name, string more = "") => Create(
        ResourceTypes.PersistentVolumeClaims,
        "{'metadata':{'name':'" + name + "'" + more
        + "},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'fast','resources':{'requests':{'storage':'1Gi'}}}}");

    /// <summary>The definition of <see cref="Widgets"/>.</summary>
    protected KubernetesObject CreateDefinition() => Create(ResourceTypes.CustomResourceDefinitions, """
        {'metadata':{'name':'widgets.example.com'},'spec':{'group':'example.com','scope':'Cluster',
        'names':{'kind':'Widget','plural':'widgets'},'versions':[{'name':'v1','served':true,'storage':true,'subresources':{'status':{}},
        'schema':{'openAPIV3Schema':{'type':'object','properties':{
        'spec':{'type':'object','required':['size'],'x-kubernetes-validations':[
            {'rule':'!has(self.limit) || self.size <= self.limit','message':'size is above its limit'}],'properties':{
            'size':{'type':'integer','minimum':1},'limit':{'type':'integer'},
            'mode':{'type':'string','enum':['hard','soft'],'default':'soft'},
            'name':{'type':'string','pattern':'^[a-z]+$','x-kubernetes-validations':[
                {'rule':'self == oldSelf','message':'name cannot be changed'}]},
            'parts':{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['id'],
                'items':{'type':'object','properties':{'id':{'type':'string'},'n':{'type':'integer'}}}}}},
        'status':{'type':'object','properties':{'phase':{'type':'string'},'free':{'type':'integer','format':'int64'}}}}}}}]}}
        """);
}
