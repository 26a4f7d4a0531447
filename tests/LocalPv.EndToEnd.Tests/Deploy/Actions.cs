using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>What somebody does to a resource, in the words of RBAC.</summary>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string Namespace, string Name)
{
    /// <summary>The request as RBAC sees it.</summary>
    public static AccessRequest Of(ClusterRequest request) => request switch
    {
        ClusterRequest.Get get => Of("get", get.Type, "", get.Key),
        ClusterRequest.List list => Of("list", list.Type, "", new ObjectKey(list.Selector.Namespace, "")),
        ClusterRequest.Create create => Of("create", create.Type, "", new ObjectKey(create.Namespace, "")),
        ClusterRequest.Patch patch => Of("patch", patch.Type, patch.Subresource, patch.Key),
        ClusterRequest.Replace replace => Of("update", replace.Type, replace.Subresource, replace.Key),
        ClusterRequest.Delete delete => Of("delete", delete.Type, "", delete.Key),
        _ => throw new InvalidOperationException($"{request.GetType().Name} is new here: say which verb it is."),
    };

    /// <summary>The request of a watch.</summary>
    public static AccessRequest Of(WatchRequest watch) => Of("watch", watch.Type, "", new ObjectKey(watch.Selector.Namespace, ""));

    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Resource}{(Group.Length > 0 ? "." + Group : "")}"
        + (Namespace.Length > 0 ? " in " + Namespace : "") + (Name.Length > 0 ? " " + Name : "");

    private static AccessRequest Of(string verb, ResourceType type, string subresource, ObjectKey key) => new(
        verb, type.Group, subresource.Length == 0 ? type.Plural : type.Plural + "/" + subresource, key.Namespace, key.Name);
}

/// <summary>One verb on one resource that a role grants; the namespace is empty for a cluster role.</summary>
internal sealed record Grant(string Verb, string Group, string Resource, string Namespace, IReadOnlyList<string> Names)
{
    public bool Allows(AccessRequest request) => Verb == request.Verb && Group == request.Group && Resource == request.Resource
        && (Namespace.Length == 0 || Namespace == request.Namespace)
        && (Names.Count == 0 || Names.Contains(request.Name));

    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Resource}{(Group.Length > 0 ? "." + Group : "")}"
        + (Namespace.Length > 0 ? " in " + Namespace : "") + (Names.Count > 0 ? " " + string.Join("|", Names) : "");

    /// <summary>All that the manifests grant to a service account.</summary>
    public static IReadOnlyList<Grant> Of(string account, IReadOnlyList<JsonMap> manifests)
    {
        var grants = new List<Grant>();
        foreach (var binding in manifests.Where(manifest => manifest.Text("kind") is "ClusterRoleBinding" or "RoleBinding"))
        {
            if (!binding.List("subjects")!.Maps().Any(subject => subject.Text("name") == account))
            {
                continue;
            }

            var reference = binding.Map("roleRef")!;
            var space = binding.Text("kind") == "RoleBinding" ? binding.Map("metadata")!.Text("namespace")! : "";
            var role = manifests.Single(manifest => manifest.Text("kind") == reference.Text("kind")
                && manifest.Map("metadata")!.Text("name") == reference.Text("name"));
            grants.AddRange(
                from rule in role.List("rules")!.Maps()
                from verb in rule.List("verbs")!.Texts()
                from resource in rule.List("resources")!.Texts()
                from @group in rule.List("apiGroups")!.Texts()
                select new Grant(verb, @group, resource, space, [.. rule.List("resourceNames")?.Texts() ?? []]));
        }

        return grants;
    }
}
