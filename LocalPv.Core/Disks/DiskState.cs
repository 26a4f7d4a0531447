namespace LocalPv.Core.Disks;

/// <summary>What a disk is to a class on its node.</summary>
public enum DiskState
{
    /// <summary>The class does not mean it. The default.</summary>
    NotChosen,

    /// <summary>It is in the class's volume group already.</summary>
    InGroup,

    /// <summary>It can be put into the volume group.</summary>
    Usable,

    /// <summary>The class means it, but it must not be touched.</summary>
    Refused,

    /// <summary>The class names it, or its volume group has it, but it is not there.</summary>
    Missing,

    /// <summary>The path that names it leads to another disk than the one that was put into the volume group by that path.</summary>
    Replaced,
}
