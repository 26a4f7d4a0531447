using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Pods. Source: pkg/registry/core/pod/strategy.go, pkg/apis/core/v1/defaults.go.</summary>
internal sealed class PodStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        if (body.Map("spec") is not { } spec)
        {
            return body;
        }

        foreach (var (key, value) in SpecDefaults)
        {
            spec = spec.Contains(key) ? spec : spec.With(key, value);
        }

        return body.With("spec", spec);
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) => body.With("status", JsonMap.Of(("phase", "Pending")));

    /// <inheritdoc/>
    public override int DefaultGraceSeconds(JsonMap body)
    {
        // A Pod without a node, or one that has ended, has nothing to wait for (podStrategy.CheckGracefulDelete).
        var spec = body.Map("spec");
        var phase = body.Map("status")?.Text("phase");
        return string.IsNullOrEmpty(spec?.Text("nodeName")) || phase is "Succeeded" or "Failed"
            ? 0
            : (int)Math.Clamp(spec.Number("terminationGracePeriodSeconds") ?? 30, 1, int.MaxValue);
    }

    private static readonly (string Key, JsonTree Value)[] SpecDefaults =
    [
        ("dnsPolicy", "ClusterFirst"),
        ("enableServiceLinks", true),
        ("restartPolicy", "Always"),
        ("schedulerName", "default-scheduler"),
        ("securityContext", JsonMap.Empty),
        ("terminationGracePeriodSeconds", 30),
    ];
}
