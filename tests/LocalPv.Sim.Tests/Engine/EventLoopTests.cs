using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Units;
using LocalPv.Sim.Engine;

namespace LocalPv.Sim.Tests.Engine;

public sealed class EventLoopTests
{
    [Fact]
    public void RunNext_AnySchedule_GoesByMomentThenByOrderOfScheduling() =>
        Prop.ForAll(
            Arb.From(Gen.ListOf(Gen.Choose(0, 20))),
            delays =>
            {
                var loop = new EventLoop(Instant.Epoch);
                var seen = new List<(int Delay, int Index)>();
                foreach (var (delay, index) in delays.Select((delay, index) => (delay, index)))
                {
                    loop.Schedule(Instant.Epoch + TimeSpan.FromSeconds(delay), new Occurrence(() => seen.Add((delay, index))));
                }

                while (loop.RunNext(Instant.Never))
                {
                }

                return seen.SequenceEqual(seen.OrderBy(entry => entry.Delay).ThenBy(entry => entry.Index)) && seen.Count == delays.Count;
            })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Schedule_MomentThatIsPast_HappensNowAndTimeNeverGoesBack()
    {
        var loop = new EventLoop(Instant.Epoch);
        var moments = new List<Instant>();
        loop.ScheduleAfter(TimeSpan.FromSeconds(5), new Occurrence(() =>
        {
            moments.Add(loop.Now);
            loop.Schedule(Instant.Epoch, new Occurrence(() => moments.Add(loop.Now)));
        }));
        while (loop.RunNext(Instant.Never))
        {
        }

        Assert.Equal([Instant.Epoch + TimeSpan.FromSeconds(5), Instant.Epoch + TimeSpan.FromSeconds(5)], moments);
    }

    [Fact]
    public void RunNext_MoreThanMayHappenInAMinute_IsALoopWithPauses()
    {
        var loop = new EventLoop(Instant.Epoch) { EventsInAMinuteMax = 100 };
        var pause = TimeSpan.FromSeconds(1);
        loop.Schedule(Instant.Epoch, new Occurrence(Again));
        void Again() => loop.ScheduleAfter(pause, new Occurrence(Again));

        while (loop.Now < Instant.Epoch + TimeSpan.FromMinutes(10))
        {
            Assert.True(loop.RunNext(Instant.Never));
        }

        pause = TimeSpan.FromMilliseconds(500);
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            while (loop.RunNext(Instant.Never))
            {
            }
        });
        Assert.Contains("more than 100 events", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunNext_EventAfterTheLimit_StaysForLater()
    {
        var loop = new EventLoop(Instant.Epoch);
        loop.ScheduleAfter(TimeSpan.FromSeconds(2), new Occurrence(() => { }));
        Assert.False(loop.RunNext(Instant.Epoch + TimeSpan.FromSeconds(1)));
        Assert.True(loop.RunNext(Instant.Epoch + TimeSpan.FromSeconds(2)));
    }
}
