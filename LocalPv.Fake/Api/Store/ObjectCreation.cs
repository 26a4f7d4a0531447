using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Ownership;

namespace LocalPv.Fake.Api.Store;

/// <summary>Creates objects. Source of the order: apiserver registry/rest/create.go and registry/generic/registry/store.go.</summary>
internal sealed class ObjectCreation(ObjectStore store, KindRegistry kinds, SeededStream uids, SeededStream suffixes)
{
    private const int NameTries = 8;
    private const int GeneratedNameMax = 63;

    // Formatting a time costs as much as a small write, and many writes share a second.
    private Instant _stampedAt = Instant.Never;
    private JsonText _stamp = new("");

    public ApiResult Create(
        Instant now, KindInfo kind, string inNamespace, JsonMap given, WriteOptions options, JsonList? appliedOwners = null)
    {
        var metadata = given.Map("metadata") ?? JsonMap.Empty;
        if (RefuseNames(kind, inNamespace, given, metadata) is { } error)
        {
            return ApiResult.Failed(error);
        }

        var name = metadata.Text("name") ?? "";
        var table = store.TableOf(kind);
        if (name.Length == 0 && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            if (!TryGenerateName(table, inNamespace, prefix, out name))
            {
                return ApiResult.Failed(StatusError.AlreadyExists(kind, name, false));
            }
        }

        if (RefuseNamespace(kind, inNamespace, name) is { } closed)
        {
            return ApiResult.Failed(closed);
        }

        if (PriorityAdmission.Admit(kind, name, FindPriorityClass, ref given) is { } unimportant)
        {
            return ApiResult.Failed(unimportant);
        }

        var read = BodyReader.Read(kind, given, null, options);
        if (read.Error is not null)
        {
            return ApiResult.Failed(read.Error);
        }

        var body = read.Body.With("metadata", Metadata(now, kind, inNamespace, name, read.Body.Map("metadata") ?? JsonMap.Empty));
        body = kind.Strategy.Default(body);
        body = WithOwners(now, kind, body, options, appliedOwners);
        body = kind.Strategy.PrepareForCreate(now, body);
        var errors = new FieldErrors();
        ObjectMetaRules.Validate(kind, body, errors);
        kind.Strategy.Validate(body, null, errors);
        if (errors.Any)
        {
            return ApiResult.Failed(StatusError.Invalid(kind, name, errors));
        }

        if (table.Find(new ObjectKey(inNamespace, name)) is { } existing)
        {
            return ApiResult.Failed(StatusError.AlreadyExists(kind, name, existing.IsBeingDeleted));
        }

        var made = options.DryRun
            ? KubernetesObject.Read(kind.Type, body)
            : store.Commit(now, table, ChangeType.Added, body, null);
        return ApiResult.Made(made).WithWarnings(read.Warnings);
    }

    private static JsonMap WithOwners(Instant now, KindInfo kind, JsonMap body, WriteOptions options, JsonList? appliedOwners)
    {
        if (appliedOwners is null && options.FieldManager.Length > 0)
        {
            var seen = kind.HasStatus ? body.Without("status") : body;
            var writer = new FieldOwner(options.FieldManager, "Update", kind.Type.ApiVersion, "", "", new FieldSet());
            var difference = FieldWalk.Compare(kind.Shape.Fill(JsonMap.Empty), kind.Shape.Fill(seen), kind.Shape);
            appliedOwners = ManagedFields.ToTree(ManagedFields.AfterUpdate([], difference, writer, now));
        }

        return appliedOwners is { Count: > 0 } owners
            ? body.WithAt(["metadata", "managedFields"], owners)
            : body.With("metadata", body.Map("metadata")!.Without("managedFields"));
    }

    private static StatusError? RefuseNames(KindInfo kind, string inNamespace, JsonMap given, JsonMap metadata)
    {
        if (given.Text("kind") is { } kindName && kindName != kind.Type.Kind)
        {
            return StatusError.BadRequest(
                $"{kindName} in version \"{kind.Type.Version}\" cannot be handled as a {kind.Type.Kind}: "
                + $"no kind \"{kindName}\" is registered for the resource {kind.Type.GroupResource}");
        }

        if (metadata.Text("namespace") is { Length: > 0 } named && named != inNamespace)
        {
            return StatusError.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
        }

        if (kind.Type.Namespaced && inNamespace.Length == 0)
        {
            return StatusError.BadRequest("an empty namespace may not be set during creation");
        }

        return metadata.Text("resourceVersion") is { Length: > 0 }
            ? StatusError.Internal("resourceVersion should not be set on objects to be created")
            : null;
    }

    private KubernetesObject? FindPriorityClass(string name) =>
        kinds.TryFind("scheduling.k8s.io", "v1", "priorityclasses", out var classes)
            ? store.TableOf(classes).Find(ObjectKey.ClusterScoped(name))
            : null;

    // The admission plugin NamespaceLifecycle.
    private StatusError? RefuseNamespace(KindInfo kind, string inNamespace, string name)
    {
        if (!kind.Type.Namespaced)
        {
            return null;
        }

        kinds.TryFind(ResourceTypes.Namespaces, out var namespaces);
        if (store.TableOf(namespaces!).Find(ObjectKey.ClusterScoped(inNamespace)) is not { } home)
        {
            return StatusError.NotFound(namespaces!, inNamespace);
        }

        if (!home.IsBeingDeleted)
        {
            return null;
        }

        var forbidden = StatusError.Forbidden(
            kind, name, $"unable to create new content in namespace {inNamespace} because it is being terminated");
        return forbidden with
        {
            Details = forbidden.Details!.With("causes", JsonList.Of(JsonMap.Of(
                ("reason", "NamespaceTerminating"),
                ("message", $"namespace {inNamespace} is being terminated"),
                ("field", "metadata.namespace")))),
        };
    }

    private bool TryGenerateName(ObjectTable table, string inNamespace, string prefix, out string name)
    {
        var stem = prefix.Length > GeneratedNameMax - 5 ? prefix[..(GeneratedNameMax - 5)] : prefix;
        name = "";
        for (var attempt = 0; attempt < NameTries; attempt++)
        {
            name = stem + suffixes.NextNameSuffix();
            if (table.Find(new ObjectKey(inNamespace, name)) is null)
            {
                return true;
            }
        }

        return false;
    }

    private JsonMap Metadata(Instant now, KindInfo kind, string inNamespace, string name, JsonMap given)
    {
        var metadata = ObjectMetaRules.Tidy(given)
            .With("name", name)
            .With("namespace", kind.Type.Namespaced ? new JsonText(inNamespace) : null)
            .With("uid", uids.NextUid())
            .With("creationTimestamp", Stamp(now))
            .Without("deletionTimestamp")
            .Without("deletionGracePeriodSeconds")
            .Without("selfLink")
            .Without("resourceVersion")
            .With("generation", kind.CountsGeneration ? JsonNumber.From(1) : null);
        return metadata;
    }

    private JsonText Stamp(Instant now)
    {
        var second = new Instant(now.TicksSinceEpoch - (now.TicksSinceEpoch % TimeSpan.TicksPerSecond));
        if (_stampedAt != second)
        {
            _stampedAt = second;
            _stamp = new JsonText(second.ToRfc3339());
        }

        return _stamp;
    }
}
