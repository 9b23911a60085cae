using System.Globalization;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Calls;

/// <summary>The kinds of options that there are.</summary>
internal static class Settings
{
    private static readonly char[] Blanks = [' ', ',', '\t', '\n'];

    public static Setting<string?> Text(string name, string valueName, string description, string? defaultText = null) =>
        new(name, valueName, description) { Read = NonEmpty, Fallback = null, DefaultText = defaultText };

    public static Setting<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, null, description, aliases: aliases) { Read = ReadFlag, Fallback = false };

    public static Setting<int?> Whole(string name, string valueName, string description, int least, int most = int.MaxValue,
        string? defaultText = null, params string[] aliases) =>
        new(name, valueName, description, aliases: aliases)
        {
            Read = words => ReadWhole(words[^1], least, most), Fallback = null, DefaultText = defaultText,
        };

    public static Setting<double?> Number(string name, string valueName, string description, Func<double, bool> allowed, string what,
        string? defaultText = null) =>
        new(name, valueName, description)
        {
            Read = words => double.TryParse(words[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && allowed(value)
                ? value : throw new FormatException($"'{words[^1]}' is not {what}"),
            Fallback = null,
            DefaultText = defaultText,
        };

    /// <summary>A length of time with its unit: <c>90s</c>, <c>10m</c>, <c>2h</c>.</summary>
    public static Setting<TimeSpan?> Duration(string name, string valueName, string description, string? defaultText = null) =>
        new(name, valueName, description) { Read = words => ReadDuration(words[^1]), Fallback = null, DefaultText = defaultText };

    public static Setting<string?> Choice(string name, string valueName, string description, IReadOnlyList<string> choices, string? defaultText = null)
    {
        var setting = new Setting<string?>(name, valueName, description)
        {
            Read = words => choices.Contains(words[^1], StringComparer.Ordinal) ? words[^1]
                : throw new FormatException($"'{words[^1]}' is not one of {string.Join(", ", choices)}{NearestName.Hint(words[^1], choices)}"),
            Fallback = null,
            DefaultText = defaultText,
        };
        setting.CompletionSources.Add(_ => choices.Select(choice => new System.CommandLine.Completions.CompletionItem(choice)));
        return setting;
    }

    /// <summary>One value that lists several, separated by blanks or commas: <c>"feat1 feat5"</c>.</summary>
    public static Setting<IReadOnlyList<T>?> List<T>(string name, string valueName, string description, Func<string, T> read, string? defaultText = null) =>
        new(name, valueName, description)
        {
            Read = words =>
            {
                string[] parts = words[^1].Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
                return parts.Length > 0 ? [.. parts.Select(read)] : throw new FormatException("the list is empty");
            },
            Fallback = null,
            DefaultText = defaultText,
        };

    /// <summary>An option that may be given several times; its variable separates the values by semicolons.</summary>
    public static Setting<IReadOnlyList<string>> Many(string name, string valueName, string description, Func<string, string> read) =>
        new(name, valueName, description, repeatable: true)
        {
            Read = words => [.. words.Select(read)],
            Fallback = [],
            Split = text => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };

    public static int ReadWhole(string word, int least, int most = int.MaxValue) =>
        int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new FormatException(most == int.MaxValue ? $"'{word}' is not a whole number of at least {least}"
                : $"'{word}' is not a whole number from {least} to {most}");

    private static TimeSpan ReadDuration(string word)
    {
        int unit = word.Length > 0 ? word[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 } : 0;
        // A day is more than any run may lose.
        return unit > 0 && int.TryParse(word[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && (long)count * unit <= 86400
            ? TimeSpan.FromSeconds(count * unit)
            : throw new FormatException($"'{word}' is not a time like 90s, 10m or 2h, from 1s to 24h");
    }

    private static string NonEmpty(IReadOnlyList<string> words) =>
        words[^1].Trim().Length > 0 ? words[^1] : throw new FormatException("the value is empty");

    // On the command line a flag stands alone (no words); its variable holds a word.
    private static bool ReadFlag(IReadOnlyList<string> words) => words.Count == 0 || words[^1].Trim().ToUpperInvariant() switch
    {
        "1" or "TRUE" or "YES" or "ON" => true,
        "0" or "FALSE" or "NO" or "OFF" or "" => false,
        _ => throw new FormatException($"'{words[^1]}' is neither true nor false"),
    };
}
