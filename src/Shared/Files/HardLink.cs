using System.Runtime.InteropServices;

namespace ClusterBench.Files;

public static partial class HardLink
{
    /// <summary>Gives a file a second name; false when the file system or another file system in between does not allow it.</summary>
    public static bool TryCreate(string file, string name) => Link(file, name) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);
}
