using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>A symbol of a library: its place relative to where the library is loaded, and its size, in bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ElfSymbol(long Offset, long Size);

/// <summary>Finds symbols in the full symbol table of a 64-bit ELF library, also those the loader does not show.</summary>
internal static class ElfSymbols
{
    private const uint SymbolTable = 2;

    [StructLayout(LayoutKind.Sequential)]
    private struct Section
    {
        public uint Name, Type;
        public ulong Flags, Address, Offset, Size;
        public uint Link, Info;
        public ulong Align, EntrySize;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Symbol
    {
        public uint Name;
        public byte Info, Other;
        public ushort Section;
        public ulong Value, Size;
    }

    /// <summary>The symbol of that name, or null when the file has none or no symbol table.</summary>
    public static unsafe ElfSymbol? Find(string library, ReadOnlySpan<byte> name)
    {
        using var file = MemoryMappedFile.CreateFromFile(library, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            if (!new ReadOnlySpan<byte>(start, 5).SequenceEqual("\u007fELF\u0002"u8))
                return null;
            var sections = new ReadOnlySpan<Section>(start + *(ulong*)(start + 40), *(ushort*)(start + 60));
            foreach (var section in sections)
                if (section.Type == SymbolTable && Find(start, section, sections[(int)section.Link], name) is { } found)
                    return found;
            return null;
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static unsafe ElfSymbol? Find(byte* start, Section table, Section names, ReadOnlySpan<byte> name)
    {
        foreach (var symbol in new ReadOnlySpan<Symbol>(start + table.Offset, checked((int)(table.Size / (ulong)sizeof(Symbol)))))
        {
            var text = start + names.Offset + symbol.Name;
            if (symbol.Name + (ulong)name.Length < names.Size && text[name.Length] == 0 && new ReadOnlySpan<byte>(text, name.Length).SequenceEqual(name))
                return new ElfSymbol((long)symbol.Value, (long)symbol.Size);
        }
        return null;
    }
}
