using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>Resource types that only the scheduler reads.</summary>
internal static class SchedulerResources
{
    /// <summary>Which provisioners want their reported capacity to be looked at.</summary>
    public static ResourceType CsiDrivers { get; } = new("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false);
}
