namespace LocalPv.Core.VolumeGroups;

/// <summary>How a logical volume lies on the disks of its group.</summary>
public enum LayoutType
{
    /// <summary>One extent after another. The default.</summary>
    Linear,

    /// <summary>Spread over several disks.</summary>
    Striped,

    /// <summary>Kept on several disks at once.</summary>
    Raid1,

    /// <summary>Space is taken from a pool only when it is written.</summary>
    Thin,
}

/// <summary>A layout and its numbers; the default value is linear.</summary>
/// <param name="Type">How the volume lies on the disks.</param>
/// <param name="Stripes">For <see cref="LayoutType.Striped"/>: over how many disks, at least 2; otherwise 1.</param>
/// <param name="Mirrors">For <see cref="LayoutType.Raid1"/>: how many copies besides the first, at least 1; otherwise 0.</param>
/// <param name="OverprovisionPercent">For <see cref="LayoutType.Thin"/>: how much may be promised, in per cent of the pool, at least
/// 100.</param>
public readonly record struct Layout(LayoutType Type, int Stripes = 1, int Mirrors = 0, int OverprovisionPercent = 100)
{
    /// <summary>One extent after another.</summary>
    public static Layout Linear => new(LayoutType.Linear);
}
