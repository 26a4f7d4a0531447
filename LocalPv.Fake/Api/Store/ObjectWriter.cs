using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Kinds;

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

    public ObjectWriter(ObjectStore store, KindRegistry kinds, SeededStream stream)
    {
        _store = store;
        _kinds = kinds;
        _creation = new ObjectCreation(store, kinds, stream);
        _deletion = new ObjectDeletion(store);
        _update = new ObjectUpdate(store);
        _definitions = new CustomDefinitions(store, kinds, this);
    }

    public ApiResult Create(Instant now, KindInfo kind, string inNamespace, JsonMap body, WriteOptions options)
    {
        var stored = _kinds.StoredKindOf(kind);
        var result = _creation.Create(now, stored, inNamespace, VersionConversion.ToStored(kind, body), options);
        if (result.Object is { } made && made.Type == CustomResourceDefinitionStrategy.Type && !options.DryRun)
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

        if (table.Find(key) is not { } current)
        {
            return ApiResult.Failed(StatusError.NotFound(kind, key.Name));
        }

        if (type != PatchType.Merge)
        {
            return ApiResult.Failed(StatusError.UnsupportedMediaType("application/merge-patch+json"));
        }

        var served = VersionConversion.FromStored(kind, current.Tree);
        if (JsonMergePatch.Apply(served, patch) is not JsonMap patched)
        {
            return ApiResult.Failed(StatusError.BadRequest("the patch does not leave an object"));
        }

        var result = _update.Patched(now, table, current, VersionConversion.ToStored(kind, patched), subresource, options);
        return Present(kind, AfterUpdate(now, result, options));
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
            "eviction" => Delete(now, kind, key, DeleteOptions.None),
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

        if (current.Type == CustomResourceDefinitionStrategy.Type)
        {
            return _definitions.Delete(now, table, current, options);
        }

        var result = _deletion.Delete(now, table, current, options);
        _definitions.AfterRemoval(now, table);
        return Present(kind, result);
    }

    private ApiResult AfterUpdate(Instant now, ApiResult result, WriteOptions options)
    {
        if (result.Object is { } written && !options.DryRun)
        {
            if (written.Type == CustomResourceDefinitionStrategy.Type)
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
