namespace ClusterBench.Cli.Plans;

/// <summary>Whether the images of a list are where the config says: the first, the last and some between.</summary>
/// <param name="Looked">How many were looked for.</param>
/// <param name="Missing">Those that are not there.</param>
internal sealed record DataCheck(int Looked, IReadOnlyList<string> Missing)
{
    private const int Samples = 16;

    public static DataCheck Of(string root, IReadOnlyList<string> images)
    {
        int count = Math.Min(Samples, images.Count);
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => count == 1 ? 0 : (int)((long)i * (images.Count - 1) / (count - 1))).Distinct()];
        return new DataCheck(chosen.Length, [.. chosen.Select(index => Path.Combine(root, images[index])).Where(path => !File.Exists(path))]);
    }
}
