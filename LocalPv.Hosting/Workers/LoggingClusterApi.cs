using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>Logs what an agent asks of the API server: writes and failures for operators, reads for those who look for them.</summary>
public sealed class LoggingClusterApi(IClusterApi inner, ILogger log) : IClusterApi
{
    /// <inheritdoc/>
    public async ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        var name = Name(request);
        Outcome<ClusterAnswer> outcome;
        try
        {
            outcome = await inner.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            ClusterLog.Failed(log, name, EffectTimeout.KindOf(request), "no answer before its time was up, or the process was stopped");
            throw;
        }

        if (outcome.Kind is OutcomeKind.Refused or OutcomeKind.InDoubt or OutcomeKind.Unavailable)
        {
            ClusterLog.Failed(log, name, outcome.Kind, outcome.Message);
        }
        else if (request.IsWrite)
        {
            ClusterLog.Wrote(log, name, outcome.Kind, outcome.Message);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver) => inner.Watch(request, signal =>
    {
        if (signal is WatchSignal.Closed { Kind: not OutcomeKind.Done } closed)
        {
            ClusterLog.WatchBroke(log, request.Type.GroupResource, closed.Kind, closed.Message);
        }

        deliver(signal);
    });

    private static string Name(ClusterRequest request) => request switch
    {
        ClusterRequest.Get get => $"get {get.Type} {get.Key}",
        ClusterRequest.List list => $"list {list.Type}",
        ClusterRequest.Create create => $"create {create.Type} {create.Namespace}",
        ClusterRequest.Patch patch => $"patch {patch.Type} {patch.Key}",
        ClusterRequest.Replace replace => $"replace {replace.Type} {replace.Key}",
        ClusterRequest.CreateSubresource create => $"create {create.Type} {create.Key} {create.Subresource}",
        ClusterRequest.Delete delete => $"delete {delete.Type} {delete.Key}",
        _ => request.GetType().Name,
    };
}
