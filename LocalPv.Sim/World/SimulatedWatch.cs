using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.World;

/// <summary>
/// An open watch: a cursor in the server's history that is read a little later than the history is written. What is committed while a
/// delivery is on its way arrives with it, in order, as on a real connection.
/// </summary>
internal sealed class SimulatedWatch : IDisposable
{
    private readonly FakeWatch _cursor;
    private readonly EventLoop _loop;
    private readonly WatchHub _hub;
    private readonly KeyedRandom _random;
    private readonly Latencies _latencies;
    private readonly Action<WatchSignal> _deliver;
    private readonly Pump _pump;
    private Instant _scheduled = Instant.Never;
    private long _draws;

    internal SimulatedWatch(
        FakeWatch cursor, string kind, EventLoop loop, WatchHub hub, KeyedRandom random, Latencies latencies, Action<WatchSignal> deliver)
    {
        _cursor = cursor;
        Kind = kind;
        _loop = loop;
        _hub = hub;
        _random = random;
        _latencies = latencies;
        _deliver = deliver;
        _pump = new Pump(this);
        hub.Add(this);
        ScheduleNext();
    }

    internal string Kind { get; }

    internal bool IsOver { get; private set; }

    public void Dispose()
    {
        if (!IsOver)
        {
            IsOver = true;
            _cursor.Close();
            _hub.Remove(this);
        }
    }

    internal void Notify()
    {
        if (_scheduled > _loop.Now + _latencies.WatchLag.Most)
        {
            ScheduleAt(_loop.Now + _random.Between(_draws++, _latencies.WatchLag.Least, _latencies.WatchLag.Most));
        }
    }

    private void ScheduleNext()
    {
        var due = _cursor.DueAt;
        if (due <= _loop.Now)
        {
            Notify();
        }
        else if (due < _scheduled)
        {
            ScheduleAt(due);
        }
    }

    private void ScheduleAt(Instant moment)
    {
        _scheduled = moment;
        _loop.Schedule(moment, _pump);
    }

    private void Read()
    {
        // An earlier delivery may have been scheduled after this one was: the later turn then finds nothing to do.
        if (IsOver || _loop.Now < _scheduled)
        {
            return;
        }

        _scheduled = Instant.Never;
        while (!IsOver && _cursor.TryRead(_loop.Now, out var signal))
        {
            if (signal is WatchSignal.Closed)
            {
                Dispose();
            }

            _deliver(signal);
        }

        if (!IsOver)
        {
            ScheduleNext();
        }
    }

    private sealed class Pump(SimulatedWatch watch) : SimulationEvent
    {
        public override void Happen() => watch.Read();
    }
}
