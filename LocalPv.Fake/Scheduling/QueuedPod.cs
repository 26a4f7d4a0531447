using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>Where a Pod that waits to be scheduled is.</summary>
internal enum QueuePlace
{
    /// <summary>In none of the queues.</summary>
    None,

    /// <summary>Next in turn.</summary>
    Active,

    /// <summary>Waits for the end of its backoff after it fitted nowhere.</summary>
    Backoff,

    /// <summary>Waits for the end of its backoff after an error.</summary>
    ErrorBackoff,

    /// <summary>Fits nowhere; waits for an event.</summary>
    Unschedulable,

    /// <summary>Is being scheduled.</summary>
    InFlight,
}

/// <summary>A Pod on its way through the queues (<c>QueuedPodInfo</c>).</summary>
internal sealed class QueuedPod(PodNeeds needs, long sequence)
{
    /// <summary>What it asks for, as last heard of.</summary>
    public PodNeeds Needs { get; set; } = needs;

    /// <summary>Which Pod it is.</summary>
    public string Uid => Needs.Pod.Uid;

    /// <summary>Decides between Pods that came at the same moment.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>When it last came into the queues.</summary>
    public Instant Since { get; set; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>How often it fitted nowhere.</summary>
    public int UnschedulableCount { get; set; }

    /// <summary>How often in a row something went wrong.</summary>
    public int ErrorCount { get; set; }

    /// <summary>When its backoff ends; null until asked for.</summary>
    public Instant? BackoffEnd { get; set; }

    /// <summary>Who turned it away last time.</summary>
    public SchedulerPlugin Rejectors { get; set; }

    /// <summary>Where it is.</summary>
    public QueuePlace Place { get; set; }
}
