namespace ClusterBench.Checkpoints.Zip;

/// <summary>One entry of a zip file after its directory record and its local header were compared.</summary>
/// <param name="HeaderOffset">Where the local header starts.</param>
/// <param name="DataOffset">Where the (compressed) bytes start, in bytes from the start of the file.</param>
/// <param name="Deflated">Compressed with deflate; else the bytes stand as they are.</param>
internal sealed record ZipEntry(string Name, long HeaderOffset, long DataOffset, long CompressedSize, long Size, uint Crc32, bool Deflated);
