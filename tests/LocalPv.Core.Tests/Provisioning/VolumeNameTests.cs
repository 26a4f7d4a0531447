using LocalPv.Core.Identity;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Tests.Provisioning;

public sealed class VolumeNameTests
{
    private const string Uid = "0b0e9a52-0000-4000-8000-000000000001";

    [Theory]
    [InlineData("pvc-0b0e9a52-0000-4000-8000-000000000001", true)]
    [InlineData("pvc-0b0e9a52-0000-4000-8000-000000000002", false)]
    [InlineData("pvx-0b0e9a52-0000-4000-8000-000000000001", false)]
    [InlineData("0b0e9a52-0000-4000-8000-000000000001", false)]
    [InlineData("pvc-10b0e9a52-0000-4000-8000-000000000001", false)]
    [InlineData("", false)]
    public void IsNameOf_OnlyTheNameThatIsGiven_IsTrue(string name, bool isIts)
    {
        Assert.Equal(isIts, VolumeMachine.IsNameOf(name, Uid));
        Assert.Equal(isIts, name == VolumeMachine.NameOf(ClaimUid.Parse(Uid)));
    }
}
