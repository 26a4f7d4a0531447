using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.Kubernetes;

public sealed class JsonTextConversionTests
{
    [Fact]
    public void Map_OfANullText_LeavesTheKeyOut()
    {
        string? none = null;

        Assert.Equal("{\"b\":\"x\"}", JsonMap.Of(("a", none), ("b", "x")).ToString());
    }
}
