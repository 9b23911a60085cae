using System.Text.RegularExpressions;

namespace ClusterBench.Configs;

/// <summary>What the file name of an mm config says about its batch: <c>4xb64</c> is 4 GPUs with 64 images each.</summary>
public sealed partial record BatchName(int Ranks, int Images)
{
    /// <summary>Null when the name says nothing.</summary>
    public static BatchName? Of(string path)
    {
        var match = Name().Match(Path.GetFileNameWithoutExtension(path));
        return match.Success ? new BatchName(Number(match, "ranks"), Number(match, "images")) : null;
    }

    /// <summary>What is other than the name says, as a sentence; null when it is the same.</summary>
    public string? Contradiction(int virtualRanks, int imagesPerRank) => virtualRanks == Ranks && imagesPerRank == Images ? null
        : $"the name says {Ranks} x {Images} = {(long)Ranks * Images} images per step, but the config comes to {virtualRanks} x {imagesPerRank} = {(long)virtualRanks * imagesPerRank}"
        + ((long)Ranks * Images == (long)virtualRanks * imagesPerRank ? "" : "; its learning rate is made for the former");

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<![A-Za-z0-9])(?<ranks>[1-9][0-9]{0,3})xbs?(?<images>[1-9][0-9]{0,4})(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
