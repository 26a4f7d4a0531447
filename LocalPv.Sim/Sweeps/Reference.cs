using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Sweeps;

/// <summary>An effect that one of LocalPv's processes wanted in the reference run.</summary>
/// <param name="Process">Who wanted it.</param>
/// <param name="What">What it was, for a person.</param>
/// <param name="IsStorage">Whether LVM was asked; the API server otherwise.</param>
/// <param name="IsChange">Whether it changes something.</param>
/// <param name="Sent">When it was sent, counted from the start.</param>
/// <param name="Answered">When its answer came.</param>
public sealed record SweptEffect(string Process, string What, bool IsStorage, bool IsChange, TimeSpan Sent, TimeSpan Answered);

/// <summary>What happened in a plan's run without further faults: the moments that a sweep tries, one after the other.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Report">What came of it.</param>
/// <param name="Effects">The effects of LocalPv's processes up to the healing, in the order in which they were answered.</param>
/// <param name="Commits">When objects that LocalPv follows were written, up to the healing, without repetition.</param>
public sealed record Reference(Plan Plan, RunReport Report, ImmutableArray<SweptEffect> Effects, ImmutableArray<TimeSpan> Commits)
{
    /// <summary>The processes of LocalPv that did something.</summary>
    public ImmutableArray<string> Processes =>
        [.. Effects.Select(effect => effect.Process).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// Runs a plan and notes what happens in it. Throws where the plan has no end of chaos: nothing could be required then.
    /// </summary>
    public static Reference Of(Plan plan)
    {
        if (plan.HealAt is not { } end)
        {
            throw new ArgumentException("A plan that is swept needs 'heal at' and 'recover'.", nameof(plan));
        }

        var recorder = new Recorder(end);
        var report = PlanRunner.Run(plan, new RunOptions { Observers = [recorder] });
        return new Reference(plan, report, [.. recorder.Effects], [.. recorder.Commits]);
    }

    private sealed class Recorder(TimeSpan end) : Invariant
    {
        private readonly Dictionary<(string Process, int Life, long Call), (Effect Effect, TimeSpan Sent)> _open = [];

        public List<SweptEffect> Effects { get; } = [];

        public SortedSet<TimeSpan> Commits { get; } = [];

        public override string Id => "reference";

        public override string Statement => "What happens is written down.";

        private TimeSpan Elapsed => Run.Now - Run.Cluster.Loop.Start;

        public override void OnCommit(Change change)
        {
            if (Elapsed < end && change.Object is StorageClass or NodeLocalStorage or PersistentVolumeClaim or PersistentVolume or Node)
            {
                Commits.Add(Elapsed);
            }
        }

        public override void OnStep(SimulatedProcess process, Instant now, AgentEvent happened, ImmutableArray<Effect> effects)
        {
            if (!Names.IsOurs(process.Name) || Elapsed >= end)
            {
                return;
            }

            var call = happened switch
            {
                AgentEvent.ClusterAnswered answered => answered.Call,
                AgentEvent.StorageAnswered answered => answered.Call,
                _ => -1,
            };
            if (_open.Remove((process.Name, process.Incarnation, call), out var asked))
            {
                Effects.Add(Describe(process.Name, asked.Effect, asked.Sent, Elapsed));
            }

            foreach (var effect in effects)
            {
                // Leases are renewed all the time; an election has invariants of its own.
                if (effect is Effect.CallCluster cluster && cluster.Request.Resource != ResourceTypes.Leases)
                {
                    _open[(process.Name, process.Incarnation, cluster.Call)] = (effect, Elapsed);
                }
                else if (effect is Effect.CallStorage storage)
                {
                    _open[(process.Name, process.Incarnation, storage.Call)] = (effect, Elapsed);
                }
            }
        }

        private static SweptEffect Describe(string process, Effect effect, TimeSpan sent, TimeSpan answered) => effect switch
        {
            Effect.CallStorage storage => new SweptEffect(
                process, storage.Request.GetType().Name, true, storage.Request is not NodeStorageRequest.Scan, sent, answered),
            Effect.CallCluster { Request: var request } => new SweptEffect(
                process, $"{request.GetType().Name} {request.Resource.Plural}", false, request.IsWrite, sent, answered),
            _ => throw new ArgumentException($"{effect} is not swept.", nameof(effect)),
        };
    }
}
