using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Ownership;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// Writes a new state over an object. Source of the order: apiserver registry/rest/update.go and registry/generic/registry/store.go.
/// </summary>
internal sealed class ObjectUpdate(ObjectStore store)
{
    /// <summary>A whole object was sent (PUT).</summary>
    public ApiResult Replace(
        Instant now, ObjectTable table, KubernetesObject current, JsonMap body, string subresource, WriteOptions options)
    {
        var kind = table.Kind;
        var metadata = body.Map("metadata") ?? JsonMap.Empty;
        if (body.Text("kind") is { } kindName && kindName != kind.Type.Kind)
        {
            return ApiResult.Failed(StatusError.BadRequest(
                $"the object provided is of kind {kindName}, the path names a {kind.Type.Kind}"));
        }

        var name = metadata.Text("name") ?? "";
        if (name.Length > 0 && name != current.Name)
        {
            return ApiResult.Failed(StatusError.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({current.Name})"));
        }

        if (metadata.Text("namespace") is { Length: > 0 } home && home != current.Namespace)
        {
            return ApiResult.Failed(StatusError.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request"));
        }

        return Write(now, table, current, body, subresource, options, mustNameVersion: !kind.AllowsUnconditionalUpdate);
    }

    /// <summary>A patch was applied to the current object.</summary>
    public ApiResult Patched(
        Instant now, ObjectTable table, KubernetesObject current, JsonMap body, string subresource, WriteOptions options) =>
        Write(now, table, current, body, subresource, options);

    /// <summary>A configuration was applied to the current object, which decided the owners of its fields.</summary>
    public ApiResult Applied(
        Instant now, ObjectTable table, KubernetesObject current, JsonMap body, string subresource, WriteOptions options) =>
        Write(now, table, current, body, subresource, options, body.Map("metadata")?.List("managedFields") ?? JsonList.Empty);

    /// <summary>The server itself writes spec and status together: a Pod gets its node.</summary>
    public ApiResult Assign(Instant now, ObjectTable table, KubernetesObject current, JsonMap body, WriteOptions options) =>
        Commit(now, table, current, body, options);

    private ApiResult Write(
        Instant now,
        ObjectTable table,
        KubernetesObject current,
        JsonMap given,
        string subresource,
        WriteOptions options,
        JsonList? appliedOwners = null,
        bool mustNameVersion = false)
    {
        // What cannot be read is refused before anything is compared.
        var kind = table.Kind;
        var read = BodyReader.Read(kind, given, current.Tree, options);
        var metadata = given.Map("metadata") ?? JsonMap.Empty;
        if ((read.Error
            ?? (mustNameVersion ? RefuseUnconditional(kind, current, metadata) : null)
            ?? RefusePreconditions(kind, current, metadata)) is { } refused)
        {
            return ApiResult.Failed(refused);
        }

        var body = read.Body.With("metadata", KeepSystemFields(current, read.Body.Map("metadata") ?? JsonMap.Empty));
        body = KeepWhatTheDoorDoesNotWrite(kind, current, body, subresource);
        body = kind.Strategy.Default(body);
        body = WithOwners(now, kind, current, body, subresource, options, appliedOwners);
        body = kind.Strategy.PrepareForUpdate(now, body, current.Tree, subresource);
        var errors = new FieldErrors();
        ObjectMetaRules.ValidateUpdate(body, current, errors);
        kind.Strategy.Validate(body, current.Tree, errors);
        kind.Strategy.ValidateUpdate(body, current.Tree, subresource, errors);
        if (errors.Any)
        {
            return ApiResult.Failed(StatusError.Invalid(kind, current.Name, errors));
        }

        body = CountGeneration(kind, current, body);
        return Commit(now, table, current, body, options).WithWarnings(read.Warnings);
    }

    private ApiResult Commit(Instant now, ObjectTable table, KubernetesObject current, JsonMap body, WriteOptions options)
    {
        // Equal content is no write: no version, no event (apiserver storage/etcd3/store.go).
        if (body.Equals(current.Tree))
        {
            return ApiResult.Of(current);
        }

        if (options.DryRun)
        {
            return ApiResult.Of(KubernetesObject.Read(table.Kind.Type, body));
        }

        if (current.IsBeingDeleted && ObjectDeletion.IsFinished(body))
        {
            // Watchers see the last state that was stored, with the finalizer that this update took away; the answer is the request's
            // object (registry/generic/registry/store.go deleteWithoutFinalizers).
            store.Commit(now, table, ChangeType.Deleted, current.Tree, current);
            return ApiResult.Of(KubernetesObject.Read(table.Kind.Type, body));
        }

        return ApiResult.Of(store.Commit(now, table, ChangeType.Modified, body, current));
    }

    private static StatusError? RefuseUnconditional(KindInfo kind, KubernetesObject current, JsonMap metadata)
    {
        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            return null;
        }

        var errors = new FieldErrors();
        errors.InvalidAs("metadata.resourceVersion", "0x0", "must be specified for an update");
        return StatusError.Invalid(kind with { Type = kind.Type with { Kind = kind.Type.Plural } }, current.Name, errors);
    }

    private static StatusError? RefusePreconditions(KindInfo kind, KubernetesObject current, JsonMap metadata)
    {
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != current.Uid)
        {
            var path = (kind.Type.Group.Length == 0 ? "" : kind.Type.Group + "/") + kind.Type.Plural + "/" + current.Key;
            return StatusError.Conflict(
                kind,
                current.Name,
                $"StorageError: invalid object, Code: 4, Key: /registry/{path}, ResourceVersion: 0, AdditionalErrorMsg: "
                + $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        return metadata.Text("resourceVersion") is { Length: > 0 } version && version != current.ResourceVersion
            ? StatusError.Modified(kind, current.Name)
            : null;
    }

    private static JsonMap WithOwners(
        Instant now,
        KindInfo kind,
        KubernetesObject current,
        JsonMap body,
        string subresource,
        WriteOptions options,
        JsonList? appliedOwners)
    {
        if (appliedOwners is not null)
        {
            return body.WithAt(["metadata", "managedFields"], appliedOwners);
        }

        if (options.FieldManager.Length == 0 || body.Equals(current.Tree))
        {
            return body;
        }

        var writer = new FieldOwner(options.FieldManager, "Update", kind.Type.ApiVersion, subresource, "", new FieldSet());
        var difference = FieldWalk.Compare(kind.Shape.Fill(current.Tree), kind.Shape.Fill(body), kind.Shape);
        var before = ManagedFields.Read(current.Tree);
        var after = ManagedFields.AfterUpdate(before, difference, writer, now);
        return after == before ? body : body.WithAt(["metadata", "managedFields"], ManagedFields.ToTree(after));
    }

    // What a client left out or may not set comes from the stored object; what it set wrongly is found by validation.
    private static JsonMap KeepSystemFields(KubernetesObject current, JsonMap metadata)
    {
        var old = current.Metadata;
        var kept = ObjectMetaRules.Tidy(metadata)
            .With("managedFields", old["managedFields"])
            .With("name", metadata["name"] ?? old["name"])
            .With("namespace", metadata["namespace"] ?? old["namespace"])
            .With("uid", old["uid"])
            .With("resourceVersion", old["resourceVersion"])
            .With("creationTimestamp", old["creationTimestamp"])
            .With("generation", old["generation"])
            .Without("selfLink");
        return old.Contains("deletionTimestamp")
            ? kept.With("deletionTimestamp", old["deletionTimestamp"])
                .With("deletionGracePeriodSeconds", metadata["deletionGracePeriodSeconds"] ?? old["deletionGracePeriodSeconds"])
            : kept;
    }

    private static JsonMap KeepWhatTheDoorDoesNotWrite(KindInfo kind, KubernetesObject current, JsonMap body, string subresource)
    {
        if (!kind.HasStatus)
        {
            return body;
        }

        if (subresource.Length == 0)
        {
            return body.With("status", current.Tree["status"]);
        }

        if (subresource != "status")
        {
            return body;
        }

        // Custom resources take nothing but the status there; built-in kinds take metadata too, as their strategies reset only the spec.
        return kind.IsCustom
            ? current.Tree.With("status", body["status"])
            : body.With("spec", current.Tree["spec"]);
    }

    private static JsonMap CountGeneration(KindInfo kind, KubernetesObject current, JsonMap body)
    {
        if (!kind.CountsGeneration || WishEquals(kind, current.Tree, body))
        {
            return body;
        }

        return body.WithAt(["metadata", "generation"], current.Generation + 1);
    }

    // Everything but metadata and (where it is a subresource) status is the wish.
    private static bool WishEquals(KindInfo kind, JsonMap old, JsonMap body)
    {
        var left = old.Without("metadata");
        var right = body.Without("metadata");
        return kind.HasStatus ? left.Without("status").Equals(right.Without("status")) : left.Equals(right);
    }
}
