using System.Text;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>Tells by the first bytes what a file is, so that the error for a wrong file can name it.</summary>
internal static class FileKind
{
    /// <summary>Reads the object in the file, whichever layout it has.</summary>
    public static object? ReadRoot(MappedFile file, Refusals refuse)
    {
        if (file.Length == 0)
        {
            throw refuse.Because(CheckpointFault.Empty, "it has no bytes");
        }
        ReadOnlySpan<byte> head = file.Span(0, (int)Math.Min(file.Length, 512));
        if (head.StartsWith("PK\x03\x04"u8))
        {
            return ZipLayout.Read(file, refuse);
        }
        if (Other(head) is { } other)
        {
            throw refuse.Because(CheckpointFault.NotPyTorch, other.What, other.Remedy);
        }
        // The magic number of the legacy layout: PROTO, or LONG1 and LONG of the protocols that have no PROTO.
        bool pickle = head is [0x80, <= 5, ..] or [0x8A, 10, ..] || head.StartsWith("L119547037146038801333356L"u8);
        return pickle ? LegacyLayout.Read(file, refuse) : throw refuse.Because(CheckpointFault.NotPyTorch, "its first bytes are those of no layout of torch.save");
    }

    private static (string What, string? Remedy)? Other(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("version https://git-lfs"u8))
        {
            return ("it is a Git LFS pointer, not the file itself", "Run 'git lfs pull' where it comes from.");
        }
        if (head.StartsWith("<"u8))
        {
            return ("it is a web page (HTML or XML), probably a download's error page", "Download the file again.");
        }
        if (head is [0x1F, 0x8B, ..])
        {
            return ("it is packed with gzip", "Unpack it with gunzip first.");
        }
        if (head.Length > 262 && head[257..].StartsWith("ustar"u8))
        {
            return ("it is a tar archive", "Unpack it and give the checkpoint inside. If it is torch.save's tar layout of 2016 (it holds 'storages', 'tensors' and 'pickle'), load and save it again in PyTorch.");
        }
        if (head is [0x89, (byte)'H', (byte)'D', (byte)'F', ..])
        {
            return ("it is an HDF5 file (Keras?)", null);
        }
        if (head is [0x93, (byte)'N', (byte)'U', (byte)'M', ..])
        {
            return ("it is a numpy .npy", null);
        }
        if (head.Length > 9 && head[8] == '{' && BitConverter.ToUInt64(head) < 100_000_000)
        {
            return ("it is a safetensors file", "Load it with safetensors.torch.load_file and save the dictionary with torch.save.");
        }
        if (head.StartsWith("PK"u8))
        {
            return ("it is an empty or split zip", null);
        }
        if (head is [0x08, < 32, 0x12, ..])
        {
            return ("it looks like an ONNX model", "Give the PyTorch checkpoint that it was exported from.");
        }
        bool text = head.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0 || !head.ContainsAnyInRange((byte)0, (byte)8);
        return text && System.Text.Unicode.Utf8.IsValid(head[..Math.Min(head.Length, 64)]) && !head.StartsWith("L119547037146038801333356L"u8)
            ? ($"it is a text that begins with '{Encoding.ASCII.GetString(head[..Math.Min(head.Length, 24)]).ReplaceLineEndings(" ")}'", null)
            : null;
    }
}
