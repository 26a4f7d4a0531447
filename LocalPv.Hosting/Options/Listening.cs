using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalPv.Hosting.Options;

/// <summary>Where a server listens.</summary>
internal static class Listening
{
    /// <summary>
    /// Listens there; at <c>[::]</c> on all addresses of both families, and on those of IPv4 alone where the kernel knows no IPv6.
    /// </summary>
    public static void ListenTo(this KestrelServerOptions kestrel, IPEndPoint endpoint, Action<ListenOptions> configure)
    {
        if (endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            kestrel.ListenAnyIP(endpoint.Port, configure);
        }
        else
        {
            kestrel.Listen(endpoint, configure);
        }
    }
}
