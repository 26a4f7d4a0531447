using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// The subresources of a Pod that a real server passes on to the kubelet of its node. No kubelet listens here, so what is refused is
/// refused as by a server that cannot reach the node. Source: pkg/registry/core/pod/strategy.go.
/// </summary>
internal sealed class KubeletCall(FakeApiServer server, RestPath path, RestQuery query)
{
    private const int Port = 10250;

    /// <summary>Whether a subresource of a Pod is the kubelet's business.</summary>
    public static bool Knows(KindInfo kind, string subresource) =>
        kind.Type == ResourceTypes.Pods && subresource is "log" or "exec" or "attach" or "portforward";

    /// <summary>Refuses, in the order in which a real server would.</summary>
    public RestResponse Answer(KindInfo kind)
    {
        var read = server.Get(kind, new ObjectKey(path.Namespace, path.Name));
        if (read.Object is not Pod pod)
        {
            return RestResponse.Failed(read.Error!);
        }

        if (Container(pod, out var container) is { } refused)
        {
            return RestResponse.Failed(refused);
        }

        if (pod.NodeName.Length == 0)
        {
            return path.Subresource == "log"
                ? RestResponse.Text(200, "")
                : RestResponse.Failed(StatusError.BadRequest($"pod {pod.Name} does not have a host assigned"));
        }

        var address = AddressOf(pod.NodeName);
        return RestResponse.Failed(StatusError.Internal(path.Subresource == "log"
            ? $"Get \"https://{address}:{Port}/containerLogs/{pod.Namespace}/{pod.Name}/{container}\": dial tcp {address}:{Port}: "
                + "connect: connection refused"
            : $"error dialing backend: dial tcp {address}:{Port}: connect: connection refused"));
    }

    private StatusError? Container(Pod pod, out string container)
    {
        var names = (pod.Tree.At("spec", "containers") as JsonList)?.Maps().Select(each => each.Text("name") ?? "").ToArray() ?? [];
        container = query.Text("container");
        if (container.Length > 0)
        {
            return names.Contains(container)
                ? null
                : StatusError.BadRequest($"container {container} is not valid for pod {pod.Name}");
        }

        container = names.FirstOrDefault() ?? "";
        return names.Length > 1 && path.Subresource != "portforward"
            ? StatusError.BadRequest(
                $"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', names)}]")
            : null;
    }

    private string AddressOf(string node)
    {
        var found = server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node));
        var addresses = found?.Tree.At("status", "addresses") as JsonList;
        return addresses?.Maps().FirstOrDefault(one => one.Text("type") == "InternalIP")?.Text("address") ?? node;
    }
}
