using FsCheck;
using FsCheck.Fluent;

namespace LocalPv.Core.Tests.Quantities;

/// <summary>Random whole numbers of 63 bits.</summary>
public static class Longs
{
    /// <summary>Any from 0 to 2^63-1, each as likely.</summary>
    public static Gen<long> Any =>
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        from last in Gen.Choose(0, 1)
        select ((long)high << 32) | ((long)low << 1) | (uint)last;
}
