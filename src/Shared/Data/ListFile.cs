using System.Text;

namespace ClusterBench.Data;

/// <summary>One image of a list: its path below the list's root, and its class from 0.</summary>
public readonly record struct ListEntry(string Path, int Label);

/// <summary>
/// ImageNet-style list files: a line is a path, a space or tab, and a label; the path may hold spaces, so the label is what follows the
/// last one. Blank lines count for nothing.
/// </summary>
public static class ListFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads all entries in the file's order.</summary>
    /// <exception cref="UserErrorException">The file is absent or empty, or a line is not of that form; names file and line.</exception>
    public static IReadOnlyList<ListEntry> Read(string path) => Parse(Bytes(path), path);

    /// <summary>Parses a list's bytes (UTF-8).</summary>
    /// <param name="path">Named in errors.</param>
    public static IReadOnlyList<ListEntry> Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            bytes = bytes[3..];
        }
        // A rough count spares growing by copies: ImageNet's list has 1.3 million lines.
        var entries = new List<ListEntry>(bytes.Count((byte)'\n') + 1);
        for (var line = 1; !bytes.IsEmpty; line++)
        {
            var end = bytes.IndexOf((byte)'\n');
            var text = (end < 0 ? bytes : bytes[..end]).Trim(" \t\r"u8);
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            if (!text.IsEmpty)
            {
                entries.Add(Entry(text, path, line));
            }
        }
        return entries.Count > 0 ? entries : throw new UserErrorException($"The list {path} holds no image. A list has one 'path label' line for each.");
    }

    private static ListEntry Entry(ReadOnlySpan<byte> text, string path, int line)
    {
        var split = text.LastIndexOfAny((byte)' ', (byte)'\t');
        if (split < 0)
        {
            throw Wrong(path, line, text, "has no label; a line is 'path label', e.g. 'n01440764/img_1.JPEG 0'");
        }
        var label = 0L;
        foreach (var digit in text[(split + 1)..])
        {
            if (digit is < (byte)'0' or > (byte)'9' || (label = label * 10 + digit - '0') > int.MaxValue)
            {
                throw Wrong(path, line, text, $"has the label '{Encoding.UTF8.GetString(text[(split + 1)..])}'; a label is a whole number from 0");
            }
        }
        try
        {
            return new ListEntry(StrictUtf8.GetString(text[..split].TrimEnd(" \t"u8)), (int)label);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(path, line, text, "is not text in UTF-8");
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"There is no list file {path}. The dataset config names it (list_file); --data-root says where data/ lies.", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The list file {path} cannot be read: {e.Message}", inner: e);
        }
    }

    private static UserErrorException Wrong(string path, int line, ReadOnlySpan<byte> text, string what)
    {
        var shown = Encoding.UTF8.GetString(text.Length > 80 ? text[..80] : text);
        return new UserErrorException($"{path}:{line}: '{shown}' {what}.");
    }
}
