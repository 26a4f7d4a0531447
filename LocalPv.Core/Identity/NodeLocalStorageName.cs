using System.Security.Cryptography;
using System.Text;

namespace LocalPv.Core.Identity;

/// <summary>The name of the NodeLocalStorage object of a class on a node.</summary>
public static class NodeLocalStorageName
{
    private const int LengthMax = 253;

    /// <summary>
    /// <c>class.node</c>. Where that is longer than the 253 characters of an object name, or the class has a dot (so that
    /// <c>a.b</c> on <c>c</c> is not <c>a</c> on <c>b.c</c>), as much of it as fits and a hash of class and node.
    /// The name is never taken apart again: the object's spec says class and node.
    /// </summary>
    public static string Of(StorageClassName storageClass, NodeName node)
    {
        var plain = $"{storageClass.Value}.{node.Value}";
        return storageClass.Value.Contains('.', StringComparison.Ordinal) || plain.Length > LengthMax
            ? Shortened.WithHash(plain, $"{storageClass.Value}/{node.Value}", LengthMax)
            : plain;
    }
}

/// <summary>Long names made short without becoming ambiguous.</summary>
internal static class Shortened
{
    // 64 bits: two of a cluster's thousands of names share them with a chance below one in a trillion.
    private const int HashBytes = 8;

    /// <summary>As much of the beginning of <paramref name="text"/> as fits before a dash and a hash of <paramref name="whole"/>.</summary>
    internal static string WithHash(string text, string whole, int lengthMax)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)).AsSpan(0, HashBytes));
        return text[..Math.Min(text.Length, lengthMax - 1 - hash.Length)].TrimEnd('.', '-') + "-" + hash;
    }
}
