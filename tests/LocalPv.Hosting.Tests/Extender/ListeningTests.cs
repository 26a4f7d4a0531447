using System.Net;
using System.Net.Sockets;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>The manifests say <c>[::]</c>, for clusters of either family and of both.</summary>
public sealed class ListeningTests
{
    [Fact]
    public async Task Server_AtAllAddresses_IsReachedOverEachFamilyThatTheMachineHas()
    {
        await using var server = await Hosting.Extender.ExtenderServer.StartAsync(
            new ExtenderAgent(new ExtenderOptions()), () => Instant.Epoch, new IPEndPoint(IPAddress.IPv6Any, 0), CancellationToken.None);
        using var http = new HttpClient();
        string[] hosts = Socket.OSSupportsIPv6 && HasLoopback6() ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
        foreach (var host in hosts)
        {
            Assert.Equal("ok\n", await http.GetStringAsync(new Uri($"http://{host}:{server.Address.Port}/healthz")));
        }
    }

    private static bool HasLoopback6() => System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(one => one.GetIPProperties().UnicastAddresses).Any(one => one.Address.Equals(IPAddress.IPv6Loopback));
}
