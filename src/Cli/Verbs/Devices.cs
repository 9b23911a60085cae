using ClusterBench.Cli.Calls;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Verbs;

/// <summary>The <c>--device</c> option.</summary>
internal static class Devices
{
    public static Setting<string?> Setting() =>
        new("--device", "DEVICE", "auto, cpu, cuda or cuda:N") { Read = words => Read(words[^1]), Fallback = null, DefaultText = "auto" };

    private static string Read(string word) =>
        word is "auto" or "cpu" or "cuda" || (word.StartsWith("cuda:", StringComparison.Ordinal) && word.Length <= 8 && word.Length > 5 && word[5..].All(char.IsAsciiDigit))
            ? word
            : throw new FormatException($"'{word}' is not one of auto, cpu, cuda, cuda:N{NearestName.Hint(word, ["auto", "cpu", "cuda"])}");
}
