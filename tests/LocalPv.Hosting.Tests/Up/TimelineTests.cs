using LocalPv.Hosting.Up.Story;

namespace LocalPv.Hosting.Tests.Up;

public sealed class TimelineTests
{
    // An embedded cluster may stay up for weeks.
    [Fact]
    public void Entries_BeyondTheMost_AreTheLatest_AndAListenerHearsAll()
    {
        var timeline = new Timeline(TimeProvider.System);
        var heard = 0;
        timeline.Listen(_ => heard++);
        for (var i = 0; i < Timeline.EntriesMax + 10; i++)
        {
            timeline.Add("who", "about", "what", i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var entries = timeline.Entries;
        Assert.Equal(Timeline.EntriesMax, entries.Length);
        Assert.Equal(("10", "20009"), (entries[0].Text, entries[^1].Text));
        Assert.Equal(Timeline.EntriesMax + 10, heard);
    }
}
