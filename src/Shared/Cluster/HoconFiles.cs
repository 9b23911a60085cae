using Akka.Configuration;

namespace ClusterBench.Cluster;

/// <summary>
/// The settings files of the <c>hocon/</c> folder beside the program. They hold every setting of the cluster; the program adds
/// a node's own values (<see cref="NodeValues"/>) and nothing else.
/// </summary>
/// <param name="folder">Where the files lie.</param>
public sealed class HoconFiles(string folder)
{
    /// <summary>The folder that the build copies beside the program.</summary>
    public static HoconFiles BesideProgram => new(Path.Combine(AppContext.BaseDirectory, "hocon"));

    /// <summary>
    /// The settings of a node, strongest first: the node's own values, <c>--hocon</c>, the last of <paramref name="names"/>, ..., the first.
    /// </summary>
    /// <param name="names">File names without <c>.hocon</c>, e.g. base, coordinator, sqlite.</param>
    /// <param name="extraFile">The user's <c>--hocon FILE</c>, or null.</param>
    /// <param name="values">Host, port and the like.</param>
    /// <exception cref="UserErrorException">A file is missing or cannot be read as HOCON; the message names it.</exception>
    public Config Compose(IEnumerable<string> names, string? extraFile, NodeValues values)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(values);
        var layers = names.Select(Load).ToList();
        if (extraFile is not null)
        {
            layers.Add(Read(extraFile, "Give --hocon a file that is there."));
        }

        layers.Add(values.ToConfig());
        layers.Reverse();
        return layers.Aggregate(static (strong, weak) => strong.WithFallback(weak));
    }

    /// <summary>One of the program's own files.</summary>
    public Config Load(string name) =>
        Read(Path.Combine(folder, name + ".hocon"), "It belongs to the program: build or install it again.");

    private static Config Read(string path, string remedy)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"The settings file {path} is missing. {remedy}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The settings file {path} cannot be read: {e.Message}", inner: e);
        }

        if (HoconBalance.Check(text) is var (line, error))
        {
            throw new UserErrorException($"{path}:{line}: {error}.");
        }

        try
        {
            return string.IsNullOrWhiteSpace(text) ? Config.Empty : ConfigurationFactory.ParseString(text);
        }
        catch (Exception e)
        {
            throw new UserErrorException($"{path} is not valid HOCON: {e.Message}", inner: e);
        }
    }
}
