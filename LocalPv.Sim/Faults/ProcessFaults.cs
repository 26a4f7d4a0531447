using LocalPv.Core.Outcomes;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Faults;

/// <summary>What faults do to processes and to their connections to the API server.</summary>
internal sealed class ProcessFaults(SimulatedCluster cluster, FaultBoard board)
{
    internal void Begin(ActiveFault fault)
    {
        var process = cluster.Processes[fault.Target];
        switch (fault.Type)
        {
            case FaultType.Crash:
                process.Crash();
                fault.Undo = () => board.StartIfAllowed(fault.Target);
                break;
            case FaultType.Pause:
                process.Pause();
                fault.Undo = process.Resume;
                break;
            case FaultType.Twin or FaultType.TwoLeaders:
                var twin = cluster.TwinOf(fault.Target);
                twin?.Start();
                fault.Undo = () => twin?.Crash();
                break;
            case FaultType.Skew:
                process.SetClock(fault.Fault.By, 100);
                break;
            case FaultType.Behind:
                StartWithClock(process, -fault.Fault.By);
                fault.Undo = () => StartWithClock(process, TimeSpan.Zero);
                break;
            case FaultType.ClockRate:
                process.SetClock(TimeSpan.Zero, fault.Fault.Percent);
                fault.Undo = () => process.SetClock(TimeSpan.Zero, 100);
                break;
            case FaultType.Expire:
                cluster.ConnectionOf(fault.Target)?.CloseWatches(OutcomeKind.Expired, "410 Gone: too old resource version.");
                break;
            case FaultType.CloseWatches:
                cluster.ConnectionOf(fault.Target)?.CloseWatches(OutcomeKind.Unavailable, "The connection was closed.");
                break;
            default:
                Suffer(fault);
                break;
        }
    }

    // A process takes the wall clock's time at its start and goes only forward from there: a clock that is set back, or was behind and is
    // set right, is met by a new life.
    private static void StartWithClock(Engine.SimulatedProcess process, TimeSpan ahead)
    {
        if (process.Agent is null)
        {
            return;
        }

        process.Crash();
        process.Start();
        process.SetClock(ahead, 100);
    }

    private void Suffer(ActiveFault fault)
    {
        var conditions = cluster.ConditionsOf(fault.Target);
        conditions.Add(fault);
        var connection = cluster.ConnectionOf(fault.Target);
        if (fault.Type == FaultType.HangWatches)
        {
            connection?.SilenceWatches();
        }
        else if (fault.Type == FaultType.StaleServer && connection is not null)
        {
            connection.View = new StaleView(cluster.Server);
            connection.CloseWatches(OutcomeKind.Expired, "410 Gone: the API server that was connected is gone.");
        }

        fault.Undo = () =>
        {
            conditions.Remove(fault);
            Recover(fault);
        };
    }

    // What is connected may be another connection than the one that the fault began with.
    private void Recover(ActiveFault fault)
    {
        var connection = cluster.ConnectionOf(fault.Target);
        switch (fault.Type)
        {
            case FaultType.Gap:
                connection?.CloseWatches(OutcomeKind.Expired, "410 Gone: too old resource version.");
                break;
            case FaultType.HangWatches when connection is { IsBystander: true }:
                connection.CloseSilentWatches();
                break;
            case FaultType.CutOff:
                connection?.CloseWatches(OutcomeKind.Unavailable, "The connection was lost.");
                break;
            case FaultType.StaleServer when connection is not null:
                connection.View = null;
                connection.WakeWatches();
                break;
            default:
                connection?.WakeWatches();
                break;
        }
    }
}
