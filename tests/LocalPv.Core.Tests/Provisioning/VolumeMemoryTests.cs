using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Provisioning;

public sealed class VolumeMemoryTests
{
    [Theory]
    [InlineData(30, Sighting.Gone)]
    [InlineData(31, Sighting.Unknown)]
    public void At_ReadsAreTrustedForSoLong(int seconds, Sighting expected)
    {
        var now = Instant.Epoch + TimeSpan.FromHours(1);
        var memory = VolumeMemory.Empty with
        {
            ClaimRead = Sighting.Gone,
            ClaimReadAt = now,
            VolumeRead = Sighting.Gone,
            VolumeReadAt = now,
        };
        var later = memory.At(now + TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(30));
        Assert.Equal((expected, expected), (later.ClaimRead, later.VolumeRead));
    }
}
