using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>The kubelet wants a device mounted for a Pod; answered by <see cref="DeviceAnswered"/>.</summary>
public sealed record MountDevice(long Call, string Path, string PodUid) : Effect;

/// <summary>The kubelet wants everything unmounted that it mounted for a Pod; answered by <see cref="DeviceAnswered"/>.</summary>
public sealed record UnmountDevices(long Call, string PodUid) : Effect;

/// <summary>The kubelet wants the file system grown to its device's size; answered by <see cref="DeviceAnswered"/>.</summary>
public sealed record GrowFileSystem(long Call, string Path, string PodUid) : Effect;

/// <summary>The answer to an effect of a kubelet.</summary>
public sealed record DeviceAnswered(long Call, Outcome<Nothing> Outcome) : AgentEvent;

/// <summary>The devices of a node, as a kubelet uses them.</summary>
public interface INodeDevices
{
    /// <summary>
    /// Mounts a device for a Pod, making a file system where it has none. Again for the same Pod is done; a missing device is NotFound.
    /// A mounted device is in use: LVM does not remove it.
    /// </summary>
    Outcome<Nothing> Mount(string path, string podUid);

    /// <summary>Unmounts all that was mounted for the Pod; nothing mounted is done.</summary>
    Outcome<Nothing> Unmount(string podUid);

    /// <summary>Grows the file system of a mounted device.</summary>
    Outcome<Nothing> Grow(string path, string podUid);
}

/// <summary>Carries out a kubelet's effects on devices; all others are <paramref name="inner"/>'s.</summary>
public sealed class KubeletEffectRunner(IEffectRunner inner, INodeDevices devices) : IEffectRunner
{
    /// <inheritdoc/>
    public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case MountDevice mount:
                deliver(new DeviceAnswered(mount.Call, devices.Mount(mount.Path, mount.PodUid)));
                return ValueTask.CompletedTask;
            case UnmountDevices unmount:
                deliver(new DeviceAnswered(unmount.Call, devices.Unmount(unmount.PodUid)));
                return ValueTask.CompletedTask;
            case GrowFileSystem grow:
                deliver(new DeviceAnswered(grow.Call, devices.Grow(grow.Path, grow.PodUid)));
                return ValueTask.CompletedTask;
            default:
                return inner.RunAsync(effect, deliver, cancellationToken);
        }
    }
}
