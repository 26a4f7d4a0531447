using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>
/// How a thin pool divides the space of a volume group. The pool is made with the first thin volume and takes all that is free then, so
/// that what it will be can be known, and promised, before.
/// </summary>
/// <param name="Data">The extents for data.</param>
/// <param name="Metadata">The extents for its metadata; as many again are kept as a spare for repairs.</param>
public readonly record struct ThinPoolSize(ExtentCount Data, ExtentCount Metadata)
{
    // 64 bytes of metadata for each chunk, from 2 MiB to 15.8 GiB: lvmthin(7), "Thin pool metadata size". Chunks have 64 KiB, more in a
    // pool that could not be addressed so.
    private const long ChunkBytesMin = 64L << 10;
    private const long MetadataBytesPerChunk = 64;
    private const long MetadataBytesMin = 2L << 20;
    private const long MetadataBytesMax = (15L << 30) + (820L << 20);

    /// <summary>The unit in which the pool gives space to its volumes: what one byte that is written takes.</summary>
    public Bytes Chunk { get; private init; } = new(ChunkBytesMin);

    /// <summary>The pool that fits into <paramref name="free"/> extents; empty where there is no room for one.</summary>
    public static ThinPoolSize In(ExtentCount free, ExtentSize extentSize)
    {
        var bytes = (Int128)free.Value * extentSize.Size.Value;
        var chunk = ChunkBytesMin;
        while (bytes / chunk * MetadataBytesPerChunk > MetadataBytesMax)
        {
            chunk *= 2;
        }

        var needed = Int128.Clamp(bytes / chunk * MetadataBytesPerChunk, MetadataBytesMin, MetadataBytesMax);
        var metadata = extentSize.ExtentsToHold(new Bytes((long)needed));
        var data = free.SubtractToZero(metadata + metadata);
        return data == ExtentCount.Zero ? default : new(data, metadata) { Chunk = new Bytes(chunk) };
    }
}
