using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>Deletes objects. Source of the order: apiserver registry/rest/delete.go and registry/generic/registry/store.go.</summary>
internal sealed class ObjectDeletion(ObjectStore store)
{
    private const string OrphanFinalizer = "orphan";
    private const string ForegroundFinalizer = "foregroundDeletion";

    /// <summary>Whether nothing holds an object any more whose deletion was asked for.</summary>
    public static bool IsFinished(JsonMap body) =>
        Finalizers.Of(body).Count == 0
        && body.Map("metadata")?.Number("deletionGracePeriodSeconds") is null or 0
        && (body.Text("kind") != "Namespace" || (body.At("spec", "finalizers") as JsonList ?? JsonList.Empty).Count == 0);

    public ApiResult Delete(Instant now, ObjectTable table, KubernetesObject current, DeleteOptions options)
    {
        var kind = table.Kind;
        if (RefusePreconditions(kind, current, options) is { } conflict)
        {
            return ApiResult.Failed(conflict);
        }

        var grace = GraceOf(kind, current, options);
        var body = WithPropagation(current.Tree, options.PropagationPolicy);
        var isHeld = grace > 0 || Finalizers.Of(body).Count > 0 || kind.Type.Kind == "Namespace";
        if (isHeld)
        {
            body = Mark(now, kind, current, body, grace);
        }

        if (options.DryRun)
        {
            return isHeld ? ApiResult.Of(KubernetesObject.Read(kind.Type, body)) : Gone(kind, current);
        }

        if (!isHeld || (current.IsBeingDeleted && IsFinished(body)))
        {
            return Gone(kind, store.Commit(now, table, ChangeType.Deleted, body, current));
        }

        return ApiResult.Of(body.Equals(current.Tree) ? current : store.Commit(now, table, ChangeType.Modified, body, current));
    }

    private static ApiResult Gone(KindInfo kind, KubernetesObject last) => kind.DeletionAnswersObject
        ? ApiResult.Of(last)
        : ApiResult.Done(StatusError.Naming(kind.Type.Group, kind.Type.Plural, last.Name).With("uid", last.Uid));

    private static StatusError? RefusePreconditions(KindInfo kind, KubernetesObject current, DeleteOptions options)
    {
        if (options.Uid is { Length: > 0 } uid && uid != current.Uid)
        {
            return StatusError.Precondition(
                kind,
                current.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). "
                + "The object might have been deleted and then recreated");
        }

        return options.ResourceVersion is { Length: > 0 } version && version != current.ResourceVersion
            ? StatusError.Precondition(
                kind,
                current.Name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record "
                + $"({current.ResourceVersion}). The object might have been modified")
            : null;
    }

    private static long GraceOf(KindInfo kind, KubernetesObject current, DeleteOptions options)
    {
        var own = kind.Strategy.DefaultGraceSeconds(current.Tree);
        return own == 0 ? 0 : Math.Max(0, options.GracePeriodSeconds ?? own);
    }

    private static JsonMap WithPropagation(JsonMap body, string? policy) => policy switch
    {
        "Orphan" => Finalizers.With(Finalizers.Without(body, ForegroundFinalizer), OrphanFinalizer),
        "Foreground" => Finalizers.With(Finalizers.Without(body, OrphanFinalizer), ForegroundFinalizer),
        "Background" => Finalizers.Without(Finalizers.Without(body, OrphanFinalizer), ForegroundFinalizer),
        _ => body,
    };

    // A second deletion can only shorten the grace period.
    private static JsonMap Mark(Instant now, KindInfo kind, KubernetesObject current, JsonMap body, long grace)
    {
        var metadata = body.Map("metadata")!;
        if (current.IsBeingDeleted)
        {
            var before = metadata.Number("deletionGracePeriodSeconds") ?? 0;
            if (grace >= before)
            {
                return body;
            }

            var ends = Instant.TryParseRfc3339(metadata.Text("deletionTimestamp"), out var marked) ? marked : now;
            var asked = ends + TimeSpan.FromSeconds(-before);
            return body.With("metadata", metadata
                .With("deletionTimestamp", (asked + TimeSpan.FromSeconds(grace)).ToRfc3339())
                .With("deletionGracePeriodSeconds", grace));
        }

        metadata = metadata.With("deletionTimestamp", (now + TimeSpan.FromSeconds(grace)).ToRfc3339());
        if (kind.Type.Kind == "Namespace")
        {
            return body.With("metadata", metadata).WithAt(["status", "phase"], "Terminating");
        }

        metadata = metadata.With("deletionGracePeriodSeconds", grace);
        return body.With("metadata", current.Generation > 0 ? metadata.With("generation", current.Generation + 1) : metadata);
    }
}
