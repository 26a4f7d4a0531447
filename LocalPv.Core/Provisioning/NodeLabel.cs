using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Identity;

namespace LocalPv.Core.Provisioning;

/// <summary>The value of the label <c>localpv.io/node</c>, by which an agent finds the objects of its node.</summary>
public static class NodeLabel
{
    private const int LengthMax = 63;
    private const int HashLength = 16;

    /// <summary>
    /// The node's name; where it is longer than the 63 characters of a label value, as much of it as fits and a hash of it all.
    /// </summary>
    public static string Of(NodeName node) => node.Value.Length <= LengthMax
        ? node.Value
        : node.Value[..(LengthMax - HashLength - 1)].TrimEnd('.', '-') + "-"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(node.Value)))[..HashLength];
}
