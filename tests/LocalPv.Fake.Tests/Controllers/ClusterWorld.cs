using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Scheduling;
using LocalPv.Fake.Tests.Driving;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>
/// A whole cluster in virtual time: API server, scheduler, all controllers, kubelets, and a provisioner that never fails.
/// </summary>
internal sealed class ClusterWorld
{
    public const string Provisioner = "example.com/local";
    public static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    private readonly ControlPlaneOptions _options;
    private readonly SortedDictionary<string, DrivenAgent> _agents = new(StringComparer.Ordinal);

    /// <summary>A cluster with these nodes; <paramref name="delay"/> says how long messages take.</summary>
    public ClusterWorld(string[] nodes, Func<VirtualTimeDriver.DelayOf, TimeSpan>? delay = null, ControlPlaneOptions? options = null)
    {
        Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Start });
        Driver = new VirtualTimeDriver(Server, Start, delay) { OtherEffects = CarryDeviceEffect };
        Server.Committed += OnCommitted;
        _options = (options ?? new ControlPlaneOptions()) with
        {
            Kubelets = [.. nodes.Select(node => new KubeletOptions { NodeName = NodeName.Parse(node), MountsDevices = true })],
        };
        Driver.Create(ResourceTypes.StorageClasses, TestObjects.Class("local", Provisioner));
        foreach (var agent in ControlPlane.CreateAgents(_options))
        {
            _agents.Add(agent.Name, Driver.Start(agent.Name, agent.Agent));
        }

        _agents.Add("scheduler", Driver.Start("scheduler", new KubeScheduler(new SchedulerOptions())));
    }

    public FakeApiServer Server { get; }

    public VirtualTimeDriver Driver { get; }

    public FakeDevices Devices { get; } = new();

    /// <summary>Every commit in order.</summary>
    public List<Change> History { get; } = [];

    /// <summary>Whether claims get volumes; a test may make them itself.</summary>
    public bool Provisions { get; set; } = true;

    public IEnumerable<string> AgentNames => _agents.Keys;

    public IEnumerable<Pod> Pods => Server.Snapshot(ResourceTypes.Pods).Cast<Pod>();

    public IEnumerable<PersistentVolumeClaim> Claims => Server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>();

    public IEnumerable<PersistentVolume> Volumes => Server.Snapshot(ResourceTypes.PersistentVolumes).Cast<PersistentVolume>();

    public Pod? Pod(string name) => Server.Find(ResourceTypes.Pods, new ObjectKey("default", name)) as Pod;

    public PersistentVolumeClaim? Claim(string name) =>
        Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", name)) as PersistentVolumeClaim;

    public PersistentVolume? Volume(string name) =>
        Server.Find(ResourceTypes.PersistentVolumes, ObjectKey.ClusterScoped(name)) as PersistentVolume;

    /// <summary>Ends a process and starts it anew, with nothing but what the API server tells it.</summary>
    public void Restart(string name)
    {
        _agents[name].Crash();
        var fresh = name == "scheduler"
            ? new KubeScheduler(new SchedulerOptions())
            : ControlPlane.CreateAgents(_options).Single(agent => agent.Name == name).Agent;
        _agents[name] = Driver.Start(name, fresh);
    }

    public void Crash(string name) => _agents[name].Crash();

    public void Run(double seconds) => Driver.Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass until something holds; fails where it does not within five minutes.</summary>
    public void Await(Func<bool> holds, string what) =>
        Assert.True(Driver.RunUntil(holds, TimeSpan.FromMinutes(5)), what + " did not happen within 5 minutes:\n" + Describe());

    public KubernetesObject Create(ResourceType type, JsonMap body) => Driver.Create(type, body);

    public void Patch(ResourceType type, string name, JsonMap changes, string subresource = "") => AssertDone(
        Driver.Send(new ClusterRequest.Patch(type, new ObjectKey(type.Namespaced ? "default" : "", name), changes, subresource)));

    public void Delete(ResourceType type, string name, string? propagation = null)
    {
        var key = new ObjectKey(type.Namespaced ? "default" : "", name);
        AssertDone(Driver.Send(new ClusterRequest.Delete(type, key) { PropagationPolicy = propagation }));
    }

    public IEnumerable<string> EventsAbout(string name) => Server.Snapshot(ResourceTypes.Events)
        .Where(seen => seen.Tree.Map("involvedObject")?.Text("name") == name)
        .Select(seen => seen.Tree.Text("reason") ?? "");

    public string Describe() => string.Join(
        '\n',
        Pods.Select(pod => $"{pod} {pod.Phase} on '{pod.NodeName}' {(pod.IsBeingDeleted ? "deleting" : "")}")
            .Concat(Claims.Select(claim => $"{claim} {claim.Phase} '{claim.VolumeName}' {(claim.IsBeingDeleted ? "deleting" : "")}"))
            .Concat(Volumes.Select(volume =>
                $"{volume} {volume.Phase} for '{volume.ClaimUid}' {(volume.IsBeingDeleted ? "deleting" : "")}")));

    private static void AssertDone(Outcome<ClusterAnswer> outcome) => Assert.True(outcome.IsDone, outcome.ToString());

    private bool CarryDeviceEffect(DrivenAgent agent, Effect effect)
    {
        DeviceAnswered? answer = effect switch
        {
            MountDevice mount => new(mount.Call, Devices.Mount(mount.Path, mount.PodUid)),
            UnmountDevices unmount => new(unmount.Call, Devices.Unmount(unmount.PodUid)),
            GrowFileSystem grow => new(grow.Call, Devices.Grow(grow.Path, grow.PodUid)),
            _ => null,
        };
        if (answer is not null)
        {
            Driver.After(TimeSpan.FromMilliseconds(5), () => agent.Deliver(answer));
        }

        return answer is not null;
    }

    // The provisioner: a volume for each claim that has a node and is announced; the end of each volume that is released.
    private void OnCommitted(Change change)
    {
        History.Add(change);
        if (!Provisions || change.Type == ChangeType.Deleted)
        {
            return;
        }

        switch (change.Object)
        {
            case PersistentVolumeClaim { SelectedNode: not null, Provisioner: not null, VolumeName: "", IsBeingDeleted: false } claim:
                Driver.After(TimeSpan.FromMilliseconds(20), () => Provision(claim));
                break;
            case PersistentVolume { Phase: "Released", ReclaimPolicy: "Delete", ProvisionedBy: Provisioner, IsBeingDeleted: false } volume:
                Driver.After(TimeSpan.FromMilliseconds(20), () => Reclaim(volume));
                break;
        }
    }

    private void Provision(PersistentVolumeClaim claim)
    {
        var name = "pvc-" + claim.Uid;
        if (Volume(name) is null && Server.Find(ResourceTypes.PersistentVolumeClaims, claim.Key)?.Uid == claim.Uid)
        {
            Devices.Existing.Add("/dev/fast/" + name);
            Create(ResourceTypes.PersistentVolumes, TestObjects.Volume(
                name, "local", claim.RequestedStorage!, claim.SelectedNode!, claim.Key, claim.Uid, Provisioner));
        }
    }

    private void Reclaim(PersistentVolume volume)
    {
        Assert.False(Devices.IsMounted(volume.LocalPath!), $"{volume.Name} is released while it is mounted");
        Devices.Existing.Remove(volume.LocalPath!);
        Driver.Send(new ClusterRequest.Delete(ResourceTypes.PersistentVolumes, volume.Key, volume.Uid));
    }
}
