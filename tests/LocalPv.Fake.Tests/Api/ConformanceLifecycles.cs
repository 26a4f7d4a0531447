using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Tests.Driving;

namespace LocalPv.Fake.Tests.Api;

/// <summary>The conformance list, C28 to C31: what the server and the controllers do together about owners and protection.</summary>
public sealed class ConformanceLifecycles : ApiServerTests
{
    private readonly VirtualTimeDriver _driver;

    public ConformanceLifecycles()
    {
        _driver = new VirtualTimeDriver(Server, Start);
        foreach (var controller in ControlPlane.CreateControllers(new ControlPlaneOptions()))
        {
            _driver.Start(controller.Name, controller.Agent);
        }

        _driver.Run(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void C28_OwnerIsGone_DependentFollowsLaterByUidAndNotByName()
    {
        var owner = CreateMap("owner", null);
        var dependent = CreateMap("dependent", owner);
        _driver.Run(TimeSpan.FromSeconds(5));
        Assert.True(Delete(owner).IsDone);
        Assert.NotNull(Server.Find(dependent.Type, dependent.Key));
        var recreated = CreateMap("owner", null);
        Assert.True(_driver.RunUntil(() => Server.Find(dependent.Type, dependent.Key) is null, TimeSpan.FromMinutes(5)));
        Assert.NotNull(Server.Find(recreated.Type, recreated.Key));
    }

    [Fact]
    public void C29_Orphan_TheDependentStaysWithoutItsOwner()
    {
        var (owner, dependent) = (CreateMap("owner", null), null as KubernetesObject);
        dependent = CreateMap("dependent", owner);
        _driver.Run(TimeSpan.FromSeconds(5));
        DeleteWith(owner, "Orphan");
        Assert.True(_driver.RunUntil(() => Server.Find(owner.Type, owner.Key) is null, TimeSpan.FromMinutes(5)));
        _driver.Run(TimeSpan.FromMinutes(1));
        var left = Server.Find(dependent.Type, dependent.Key);
        Assert.NotNull(left);
        Assert.Null(left.Metadata["ownerReferences"]);
    }

    [Fact]
    public void C29_Foreground_TheOwnerWaitsForItsDependents()
    {
        var owner = CreateMap("owner", null);
        var dependent = CreateMap("dependent", owner, ",'finalizers':['example.com/hold']");
        _driver.Run(TimeSpan.FromSeconds(5));
        var marked = DeleteWith(owner, "Foreground").Object!;
        Assert.Equal(["foregroundDeletion"], marked.Finalizers);
        _driver.Run(TimeSpan.FromMinutes(1));
        Assert.NotNull(Server.Find(owner.Type, owner.Key));
        Assert.True(Server.Find(dependent.Type, dependent.Key)!.IsBeingDeleted);
        Now = _driver.Now;
        Patch(dependent, "{'metadata':{'finalizers':null}}");
        Assert.True(_driver.RunUntil(() => Server.Find(owner.Type, owner.Key) is null, TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void C30_ClaimIsDeleted_APodUsesIt_StaysUntilThePodIsGone()
    {
        var claim = CreateClaim("a");
        Assert.Equal(["kubernetes.io/pvc-protection"], claim.Finalizers);
        Create(ResourceTypes.Nodes, "{'metadata':{'name':'n'}}");
        var pod = Create(ResourceTypes.Pods, """
            {'metadata':{'name':'p'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i'}],
            'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'a'}}]}}
            """);
        _driver.Run(TimeSpan.FromSeconds(5));
        Delete(claim);
        _driver.Run(TimeSpan.FromMinutes(2));
        Assert.True(Server.Find(claim.Type, claim.Key)!.IsBeingDeleted);
        Send(new ClusterRequest.Delete(pod.Type, pod.Key) { GracePeriodSeconds = 0 });
        Assert.True(_driver.RunUntil(() => Server.Find(claim.Type, claim.Key) is null, TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void C31_VolumeIsDeleted_WhileBound_StaysUntilItIsFree()
    {
        var claim = Create(ResourceTypes.PersistentVolumeClaims, """
            {'metadata':{'name':'a'},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'','volumeName':'v',
            'resources':{'requests':{'storage':'1Gi'}}}}
            """);
        var volume = Create(ResourceTypes.PersistentVolumes, Volume("v"));
        Assert.Equal(["kubernetes.io/pv-protection"], volume.Finalizers);
        Assert.True(_driver.RunUntil(() => Get(volume).Tree.At("status", "phase") is JsonText { Value: "Bound" }, TimeSpan.FromMinutes(1)));
        Now = _driver.Now;
        Delete(volume);
        _driver.Run(TimeSpan.FromMinutes(2));
        Assert.True(Server.Find(volume.Type, volume.Key)!.IsBeingDeleted);
        Now = _driver.Now;
        Delete(claim);
        Assert.True(_driver.RunUntil(() => Server.Find(volume.Type, volume.Key) is null, TimeSpan.FromMinutes(5)));
    }

    private static readonly ResourceType Maps = new("", "v1", "configmaps", "ConfigMap", true);

    private static string Volume(string name) =>
        "{'metadata':{'name':'" + name + "'},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],"
        + "'persistentVolumeReclaimPolicy':'Retain','hostPath':{'path':'/x'}}}";

    private ApiResult DeleteWith(KubernetesObject which, string policy)
    {
        Server.Kinds.TryFind(which.Type, out var kind);
        return Server.Delete(_driver.Now, kind!, which.Key, new DeleteOptions { PropagationPolicy = policy });
    }

    private KubernetesObject CreateMap(string name, KubernetesObject? owner, string more = "")
    {
        var owners = owner is null
            ? ""
            : ",'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','blockOwnerDeletion':true,'name':'" + owner.Name + "','uid':'"
            + owner.Uid + "'}]";
        return Create(Maps, "{'metadata':{'name':'" + name + "'" + owners + more + "}}");
    }
}
