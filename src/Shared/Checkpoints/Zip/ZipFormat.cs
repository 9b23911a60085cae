namespace ClusterBench.Checkpoints.Zip;

/// <summary>Signatures and sizes of PKWARE's APPNOTE.TXT (sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3).</summary>
internal static class ZipFormat
{
    public const uint LocalHeader = 0x04034B50;
    public const int LocalHeaderSize = 30;
    public const uint DirectoryRecord = 0x02014B50;
    public const int DirectoryRecordSize = 46;
    public const uint EndRecord = 0x06054B50;
    public const int EndRecordSize = 22;
    public const uint End64Record = 0x06064B50;
    public const int End64RecordSize = 56;
    public const uint End64Locator = 0x07064B50;
    public const int End64LocatorSize = 20;
    public const ushort Zip64Extra = 1;

    /// <summary>Extra field that PyTorch fills with padding so that data start at a multiple of 64.</summary>
    public const ushort PaddingExtra = 0x4246;
    public const ushort Encrypted = 1;
    public const ushort SizesFollowData = 8;
    public const ushort Utf8Name = 0x800;
    public const ushort Stored = 0;
    public const ushort Deflate = 8;
}
