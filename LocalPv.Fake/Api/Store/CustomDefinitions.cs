using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Ownership;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// What a real server's own controllers do for CustomResourceDefinitions: accept the names and serve the kind, and, when the definition
/// is deleted, delete its objects first. Here it happens right after the request, as commits of their own.
/// </summary>
internal sealed class CustomDefinitions(ObjectStore store, KindRegistry kinds, ObjectWriter writer)
{
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>Serves the kinds of a new definition.</summary>
    public void Establish(Instant now, KubernetesObject definition)
    {
        var time = now.ToRfc3339();
        var names = definition.Tree.At("spec", "names") as JsonMap ?? JsonMap.Empty;
        var status = (definition.Tree.Map("status") ?? JsonMap.Empty)
            .With("acceptedNames", names)
            .With("conditions", JsonList.Of(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", time),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", time)));
        var body = definition.Tree.With("status", status);
        var owners = ManagedFields.Read(definition.Tree);
        if (!owners.IsEmpty)
        {
            // Where owners are tracked, the status belongs to the server itself.
            var shape = TableOfDefinitions().Kind.Shape;
            var difference = FieldWalk.Compare(shape.Fill(definition.Tree), shape.Fill(body), shape);
            var self = new FieldOwner("kube-apiserver", "Update", definition.Type.ApiVersion, "status", "", new FieldSet());
            var after = ManagedFields.AfterUpdate(owners, difference, self, now);
            body = body.WithAt(["metadata", "managedFields"], ManagedFields.ToTree(after));
        }

        Refresh(store.Commit(now, TableOfDefinitions(), ChangeType.Modified, body, definition));
    }

    /// <summary>Serves what a definition now says.</summary>
    public void Refresh(KubernetesObject definition)
    {
        Withdraw(definition, keep: CustomKinds.Of(definition.Tree).Select(kind => kind.Type).ToList());
        foreach (var kind in CustomKinds.Of(definition.Tree))
        {
            kinds.Set(kind);
            if (kind.StoredAs is null)
            {
                store.TableOf(kind).Kind = kind;
            }
        }
    }

    /// <summary>Marks a definition as being deleted and deletes its objects; it goes with the last of them.</summary>
    public ApiResult Delete(Instant now, ObjectTable table, KubernetesObject current, DeleteOptions options)
    {
        if (options.Uid is { Length: > 0 } uid && uid != current.Uid)
        {
            return ApiResult.Failed(StatusError.Precondition(
                table.Kind,
                current.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). "
                + "The object might have been deleted and then recreated"));
        }

        if (options.DryRun || current.IsBeingDeleted)
        {
            return ApiResult.Of(current);
        }

        var time = now.ToRfc3339();
        var conditions = current.Tree.At("status", "conditions") as JsonList ?? JsonList.Empty;
        var body = Finalizers.With(current.Tree, CleanupFinalizer)
            .WithAt(["metadata", "deletionTimestamp"], time)
            .WithAt(["status", "conditions"], new JsonList(conditions.Items.Add(Condition(
                "Terminating",
                "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                time))));
        var marked = store.Commit(now, table, ChangeType.Modified, body, current);
        if (StoredKindOf(marked) is { } kind)
        {
            var objects = store.TableOf(kind);
            foreach (var item in objects.InOrder("").ToList())
            {
                writer.Delete(now, kind, item.Key, DeleteOptions.None);
            }

            AfterRemoval(now, objects);
        }

        return ApiResult.Of(marked);
    }

    /// <summary>Removes the definition of a kind whose last object has gone, if it is being deleted.</summary>
    public void AfterRemoval(Instant now, ObjectTable table)
    {
        if (!table.Kind.IsCustom || table.Count > 0)
        {
            return;
        }

        var definitions = TableOfDefinitions();
        if (definitions.Find(ObjectKey.ClusterScoped(table.Kind.Type.GroupResource)) is { IsBeingDeleted: true } definition)
        {
            Withdraw(definition, keep: []);
            store.Commit(now, definitions, ChangeType.Deleted, Finalizers.Without(definition.Tree, CleanupFinalizer), definition);
        }
    }

    private void Withdraw(KubernetesObject definition, List<ResourceType> keep)
    {
        var spec = definition.Tree.Map("spec") ?? JsonMap.Empty;
        var (group, plural) = (spec.Text("group"), spec.Map("names")?.Text("plural"));
        foreach (var kind in kinds.All.Where(kind => kind.IsCustom && kind.Type.Group == group && kind.Type.Plural == plural).ToList())
        {
            if (!keep.Contains(kind.Type))
            {
                kinds.Remove(kind);
            }
        }
    }

    private KindInfo? StoredKindOf(KubernetesObject definition) =>
        CustomKinds.Of(definition.Tree).FirstOrDefault(kind => kind.StoredAs is null) is { } stored
        && kinds.TryFind(stored.Type, out var kind) ? kind : null;

    private ObjectTable TableOfDefinitions() =>
        store.TableOf(kinds.TryFind(ResourceTypes.CustomResourceDefinitions, out var kind) ? kind : throw new InvalidOperationException());

    private static JsonMap Condition(string type, string reason, string message, string time) => JsonMap.Of(
        ("type", type), ("status", "True"), ("lastTransitionTime", time), ("reason", reason), ("message", message));
}
