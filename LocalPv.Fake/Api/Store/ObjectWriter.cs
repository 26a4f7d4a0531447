using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Ownership;
using LocalPv.Fake.Api.Store.Patches;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// All that changes objects: the order in which a real server applies its rules. Decisions on one kind lie in its strategy.
/// </summary>
internal sealed class ObjectWriter
{
    private readonly ObjectStore _store;
    private readonly KindRegistry _kinds;
    private readonly ObjectCreation _creation;
    private readonly ObjectUpdate _update;
    private readonly ObjectDeletion _deletion;
    private readonly CustomDefinitions _definitions;

    public ObjectWriter(ObjectStore store, KindRegistry kinds, ulong seed)
    {
        _store = store;
        _kinds = kinds;
        _creation = new ObjectCreation(store, kinds, new SeededStream(seed), new SeededStream(seed ^ 0x6e616d6573UL));
        _deletion = new ObjectDeletion(store);
        _update = new ObjectUpdate(store);
        _definitions = new CustomDefinitions(store, kinds, this);
    }

    public ApiResult Create(Instant now, KindInfo kind, string inNamespace, JsonMap body, WriteOptions options)
    {
        var stored = _kinds.StoredKindOf(kind);
        var result = _creation.Create(now, stored, inNamespace, VersionConversion.ToStored(kind, body), options);
        if (result.Object is { } made && made.Type == ResourceTypes.CustomResourceDefinitions && !options.DryRun)
        {
            _definitions.Establish(now, made);
        }

        return Present(kind, result);
    }

    public ApiResult Replace(Instant now, KindInfo kind, ObjectKey key, JsonMap body, string subresource, WriteOptions options)
    {
        var table = TableOf(kind);
        if (RefuseSubresource(kind, subresource) is { } refused)
        {
            return refused;
        }

        if (table.Find(key) is not { } current)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        var result = _update.Replace(now, table, current, VersionConversion.ToStored(kind, body), subresource, options);
        return Present(kind, AfterUpdate(now, result, options));
    }

    public ApiResult Patch(
        Instant now, KindInfo kind, ObjectKey key, PatchType type, JsonTree patch, string subresource, WriteOptions options)
    {
        var table = TableOf(kind);
        if (RefuseSubresource(kind, subresource) is { } refused)
        {
            return refused;
        }

        if (type == PatchType.Apply)
        {
            return Present(kind, AfterUpdate(now, Apply(now, kind, table, key, patch, subresource, options), options));
        }

        if (table.Find(key) is not { } current)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        var served = VersionConversion.FromStored(kind, current.Tree);
        if (!Patching.TryApply(kind, served, type, patch, out var patched, out var error))
        {
            return ApiResult.Failed(error);
        }

        var result = _update.Patched(now, table, current, VersionConversion.ToStored(kind, patched), subresource, options);
        return Present(kind, AfterUpdate(now, result, options));
    }

    // Applying to what does not exist makes it; a status needs its object.
    private ApiResult Apply(
        Instant now, KindInfo kind, ObjectTable table, ObjectKey key, JsonTree patch, string subresource, WriteOptions options)
    {
        if (Patching.RefuseConfiguration(kind, patch, options) is { } refused)
        {
            return ApiResult.Failed(refused);
        }

        var stored = table.Kind;
        var configuration = (JsonMap)Nulls.Drop(VersionConversion.ToStored(kind, (JsonMap)patch), null);
        var applier = new FieldOwner(options.FieldManager, "Apply", stored.Type.ApiVersion, subresource, "", new FieldSet());
        var current = table.Find(key);
        if (current is null && subresource.Length > 0)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        configuration = Patching.OnlyWhatTheDoorWrites(stored, configuration, subresource);
        var live = current?.Tree ?? JsonMap.Empty;
        var applied = ServerSideApply.Apply(live, configuration, stored.Shape, applier, options.Force, now);
        if (applied.Conflict is not null)
        {
            return ApiResult.Failed(applied.Conflict);
        }

        if (current is not null)
        {
            return applied.Body is null
                ? ApiResult.Of(current)
                : _update.Applied(now, table, current, applied.Body, subresource, options);
        }

        var body = (applied.Body ?? configuration).WithAt(["metadata", "name"], key.Name);
        var owners = body.Map("metadata")?.List("managedFields") ?? JsonList.Empty;
        var made = _creation.Create(now, stored, key.Namespace, body, options, owners);
        if (made.Object is { } definition && definition.Type == ResourceTypes.CustomResourceDefinitions && !options.DryRun)
        {
            _definitions.Establish(now, definition);
        }

        return made;
    }

    public ApiResult CreateSubresource(
        Instant now, KindInfo kind, ObjectKey key, string subresource, JsonMap body, WriteOptions options)
    {
        if (!kind.Subresources.Contains(subresource) || kind.Type.Kind != "Pod")
        {
            return ApiResult.Failed(StatusError.NoSuchResource());
        }

        var table = TableOf(kind);
        if (table.Find(key) is not { } pod)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        return subresource switch
        {
            "binding" => PodBinding.Bind(now, _update, table, pod, body, options),
            "eviction" => Delete(now, kind, key, new DeleteOptions
            {
                GracePeriodSeconds = body.Map("deleteOptions")?.Number("gracePeriodSeconds"),
                DryRun = options.DryRun || body.Map("deleteOptions")?.List("dryRun") is { Count: > 0 },
            }),
            _ => ApiResult.Failed(StatusError.NoSuchResource()),
        };
    }

    public ApiResult Delete(Instant now, KindInfo kind, ObjectKey key, DeleteOptions options)
    {
        var table = TableOf(kind);
        if (table.Find(key) is not { } current)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        if (current.Type == ResourceTypes.CustomResourceDefinitions)
        {
            return _definitions.Delete(now, table, current, options);
        }

        var result = _deletion.Delete(now, table, current, options);
        _definitions.AfterRemoval(now, table);
        return Present(kind, result);
    }

    private ApiResult AfterUpdate(Instant now, ApiResult result, WriteOptions options)
    {
        if (result is { Object: { } written, Created: false } && !options.DryRun)
        {
            if (written.Type == ResourceTypes.CustomResourceDefinitions)
            {
                _definitions.Refresh(written);
            }
            else if (written.IsBeingDeleted)
            {
                _definitions.AfterRemoval(now, _store.TableOf(_kinds.TryFind(written.Type, out var kind) ? kind : BuiltInKinds.All[0]));
            }
        }

        return result;
    }

    private static ApiResult? RefuseSubresource(KindInfo kind, string subresource) =>
        subresource.Length == 0
        || (subresource == "status" && kind.HasStatus)
        || (subresource == "finalize" && kind.Subresources.Contains("finalize"))
            ? null
            : ApiResult.Failed(StatusError.NoSuchResource());

    private static ApiResult Present(KindInfo kind, ApiResult result) =>
        kind.StoredAs is null || result.Object is not { } stored ? result
        : (result.Created ? ApiResult.Made(VersionConversion.Present(kind, stored)) : ApiResult.Of(VersionConversion.Present(kind, stored)))
            .WithWarnings(result.Warnings);

    private ObjectTable TableOf(KindInfo kind) => _store.TableOf(_kinds.StoredKindOf(kind));
}
