using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Engine;

/// <summary>How events and effects read in a trace: who, what, about which object, and what came of it.</summary>
internal static class TraceText
{
    internal static void Write(Trace trace, EventLoop loop, string actor, AgentEvent happened)
    {
        trace.Begin(loop.Now, loop.Start, actor);
        switch (happened)
        {
            case AgentEvent.ClusterAnswered answered:
                trace.Word("<");
                Number(trace, answered.Call);
                Outcome(trace, answered.Outcome);
                if (answered.Outcome.IsDone)
                {
                    Answer(trace, answered.Outcome.Value);
                }

                break;
            case AgentEvent.WatchDelivered delivered:
                trace.Word("watch");
                Number(trace, delivered.Watch);
                Signal(trace, delivered.Signal);
                break;
            case AgentEvent.StorageAnswered answered:
                trace.Word("<");
                Number(trace, answered.Call);
                trace.Word(answered.Request.GetType().Name);
                Outcome(trace, answered.Outcome);
                break;
            default:
                trace.Word(happened.GetType().Name);
                break;
        }

        trace.End();
    }

    internal static void Write(Trace trace, EventLoop loop, string actor, Effect effect)
    {
        trace.Begin(loop.Now, loop.Start, actor);
        switch (effect)
        {
            case Effect.CallCluster call:
                trace.Word(">");
                Number(trace, call.Call);
                Request(trace, call.Request);
                break;
            case Effect.OpenWatch open:
                trace.Word("> open");
                Number(trace, open.Watch);
                trace.Word(open.Request.Type.Plural);
                trace.Word(open.Request.ResourceVersion);
                break;
            case Effect.CloseWatch close:
                trace.Word("> close");
                Number(trace, close.Watch);
                break;
            case Effect.CallStorage call:
                trace.Word(">");
                Number(trace, call.Call);
                trace.Word(call.Request.GetType().Name);
                trace.Word(call.Request.VolumeGroup?.Value ?? "");
                Volume(trace, call.Request);
                break;
            default:
                trace.Word(">");
                trace.Word(effect.GetType().Name);
                break;
        }

        trace.End();
    }

    private static void Volume(Trace trace, NodeStorageRequest request)
    {
        switch (request)
        {
            case NodeStorageRequest.CreateLogicalVolume create:
                trace.Word(create.Name.Value);
                Number(trace, create.Extents.Value);
                break;
            case NodeStorageRequest.ExtendLogicalVolume extend:
                trace.Word(extend.Name.Value);
                Number(trace, extend.Extents.Value);
                break;
            case NodeStorageRequest.RemoveLogicalVolume remove:
                trace.Word(remove.Name.Value);
                break;
            case NodeStorageRequest.ActivateLogicalVolume activate:
                trace.Word(activate.Name.Value);
                break;
            default:
                break;
        }
    }

    private static void Request(Trace trace, ClusterRequest request)
    {
        trace.Word(request.GetType().Name);
        trace.Word(request.Resource.Plural);
        switch (request)
        {
            case ClusterRequest.Get get:
                Key(trace, get.Key);
                break;
            case ClusterRequest.Create create:
                trace.Word(create.Body.Map("metadata")?.Text("name") ?? "");
                break;
            case ClusterRequest.Patch patch:
                Key(trace, patch.Key);
                break;
            case ClusterRequest.Replace replace:
                Key(trace, replace.Key);
                break;
            case ClusterRequest.CreateSubresource create:
                Key(trace, create.Key);
                break;
            case ClusterRequest.Delete delete:
                Key(trace, delete.Key);
                break;
            default:
                break;
        }
    }

    private static void Answer(Trace trace, ClusterAnswer answer)
    {
        if (answer.Object is { } changed)
        {
            Object(trace, changed);
        }
        else
        {
            Number(trace, answer.Items.Length);
            trace.Word(answer.ResourceVersion);
        }
    }

    private static void Signal(Trace trace, WatchSignal signal)
    {
        trace.Word(signal.GetType().Name);
        switch (signal)
        {
            case WatchSignal.Added added:
                Object(trace, added.Object);
                break;
            case WatchSignal.Modified modified:
                Object(trace, modified.Object);
                break;
            case WatchSignal.Deleted deleted:
                Object(trace, deleted.Object);
                break;
            case WatchSignal.Bookmark bookmark:
                trace.Word(bookmark.ResourceVersion);
                break;
            case WatchSignal.Closed closed:
                trace.Word(NameOf(closed.Kind));
                break;
            default:
                break;
        }
    }

    // One version of an object is told to many, one after the other.
    private static void Object(Trace trace, KubernetesObject about)
    {
        if (trace.TryRepeat(about))
        {
            return;
        }

        var from = trace.Place;
        trace.Word(about.Type.Plural);
        Key(trace, about.Key);
        trace.Word(about.ResourceVersion);
        trace.Remember(about, from);
    }

    private static void Key(Trace trace, ObjectKey key)
    {
        trace.Add(' ');
        if (key.Namespace.Length > 0)
        {
            trace.Add(key.Namespace);
            trace.Add('/');
        }

        trace.Add(key.Name);
    }

    private static void Outcome<T>(Trace trace, Outcome<T> outcome)
    {
        trace.Word(NameOf(outcome.Kind));
        if (!outcome.IsDone)
        {
            trace.Word(outcome.Message);
        }
    }

    private static void Number(Trace trace, long number)
    {
        trace.Add(' ');
        trace.Number(number);
    }

    // Enum.ToString looks names up each time; this is on the path of every event.
    private static string NameOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Done => nameof(OutcomeKind.Done),
        OutcomeKind.Rejected => nameof(OutcomeKind.Rejected),
        OutcomeKind.NotFound => nameof(OutcomeKind.NotFound),
        OutcomeKind.AlreadyExists => nameof(OutcomeKind.AlreadyExists),
        OutcomeKind.Conflict => nameof(OutcomeKind.Conflict),
        OutcomeKind.Expired => nameof(OutcomeKind.Expired),
        OutcomeKind.NoSpace => nameof(OutcomeKind.NoSpace),
        OutcomeKind.Unavailable => nameof(OutcomeKind.Unavailable),
        OutcomeKind.InDoubt => nameof(OutcomeKind.InDoubt),
        _ => nameof(OutcomeKind.Refused),
    };
}
