using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <content>The life of a Pod.</content>
public sealed partial class Kubelet
{
    private IEnumerable<Awaited> SyncPod(string uid)
    {
        if (!_pods.TryGetValue(uid, out var pod))
        {
            return [];
        }

        return pod.IsGone ? Forget(pod)
            : pod.Object.IsBeingDeleted ? End(pod)
            : pod.Object.Phase is "Succeeded" or "Failed" ? Unmount(pod)
            : pod.HasStarted ? KeepRunning(pod)
            : Start(pod);
    }

    // The object was removed without us: by force, or with its namespace.
    private IEnumerable<Awaited> Forget(RunningPod pod)
    {
        foreach (var step in Unmount(pod))
        {
            yield return step;
        }

        _pods.Remove(pod.Object.Uid);
    }

    private IEnumerable<Awaited> Start(RunningPod pod)
    {
        if (pod.Object.Tree.At("status", "startTime") is null)
        {
            var taken = Report(pod, status => status.Waiting(Now));
            yield return taken;
            if (taken.Failed)
            {
                yield return TryAgain.Later;
            }
        }

        foreach (var name in pod.Object.ClaimNames)
        {
            var found = new Found();
            foreach (var step in Resolve(pod, name, found))
            {
                yield return step;
            }

            foreach (var step in found.Problem is null ? Mount(pod, found) : [])
            {
                yield return step;
            }

            if (found.Problem is not null)
            {
                Say(pod, found.Problem);
                yield return TryAgain.AtMoment(Now + _options.VolumePollPeriod);
            }
        }

        yield return new Pause(_options.StartDuration);
        if (pod.IsGone || pod.Object.IsBeingDeleted)
        {
            yield break;
        }

        pod.Address = pod.Address.Length > 0 ? pod.Address : NextAddress();
        var running = Report(pod, status => status.Running(Now));
        yield return running;
        if (running.Failed)
        {
            yield return TryAgain.Later;
        }

        pod.HasStarted = true;
        _podWorker.AddAt(pod.Object.Uid, Now + _options.PodSyncPeriod);
    }

    private IEnumerable<Awaited> KeepRunning(RunningPod pod)
    {
        if (!pod.Object.IsRunningAndReady())
        {
            // Somebody said so while this node was not heard of.
            var again = Report(pod, status => status.Running(Now));
            yield return again;
            if (again.Failed)
            {
                yield return TryAgain.Later;
            }
        }

        var claims = 0;
        foreach (var name in pod.Object.ClaimNames)
        {
            claims++;
            var found = new Found();
            foreach (var step in Resolve(pod, name, found))
            {
                yield return step;
            }

            foreach (var step in found.Problem is null ? GrowWhereAsked(pod, found) : [])
            {
                yield return step;
            }
        }

        if (claims > 0)
        {
            _podWorker.AddAt(pod.Object.Uid, Now + _options.PodSyncPeriod);
        }
    }

    // The containers end, the devices are let go, the last status is reported, and only then the object goes.
    private IEnumerable<Awaited> End(RunningPod pod)
    {
        if (pod.HasStarted)
        {
            var grace = TimeSpan.FromSeconds(pod.Object.Metadata.Number("deletionGracePeriodSeconds") ?? 30);
            yield return new Pause(grace < _options.StopDuration ? grace : _options.StopDuration);
        }

        foreach (var step in Unmount(pod))
        {
            yield return step;
        }

        if (pod.HasStarted && !pod.IsGone)
        {
            var ended = Report(pod, status => status.Ended(Now));
            yield return ended;
            if (ended.Failed && !ended.NotFound)
            {
                yield return TryAgain.Later;
            }

            pod.HasStarted = false;
        }

        var delete = new ClusterCall(new ClusterRequest.Delete(ResourceTypes.Pods, pod.Object.Key, pod.Object.Uid)
        {
            GracePeriodSeconds = 0,
        });
        yield return delete;
        if (delete.Failed && delete.Outcome.Kind is not (OutcomeKind.NotFound or OutcomeKind.Conflict))
        {
            yield return TryAgain.Later;
        }
    }

    private ClusterCall Report(RunningPod pod, Func<PodStatus, JsonMap> status) => new(new ClusterRequest.Patch(
        ResourceTypes.Pods,
        pod.Object.Key,
        JsonMap.Of(
            ("metadata", JsonMap.Of(("uid", pod.Object.Uid))),
            ("status", status(new PodStatus(pod.Object, _options, pod.Address)))),
        "status"));

    private IEnumerable<Awaited> Unmount(RunningPod pod)
    {
        if (!_options.MountsDevices)
        {
            yield break;
        }

        var unmount = new EffectCall(call => new UnmountDevices(call, pod.Object.Uid));
        yield return unmount;
        if (!((DeviceAnswered)unmount.Answer!).Outcome.IsDone)
        {
            yield return TryAgain.Later;
        }
    }

    // A problem is said when it is new, and again every two minutes, when the real kubelet gives up waiting for the mount.
    private void Say(RunningPod pod, string problem)
    {
        if (problem != pod.LastProblem || Now - pod.ProblemSaidAt >= TimeSpan.FromSeconds(123))
        {
            pod.LastProblem = problem;
            pod.ProblemSaidAt = Now;
            Events.Warning(pod.Object, "FailedMount", problem);
        }
    }
}
