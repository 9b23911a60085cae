using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Verbs;

/// <summary>Options that several verbs share; every verb makes its own instances.</summary>
internal static class CommonSettings
{
    public const int MaxWorkers = 1024;

    public static Setting<int?> Workers(string defaultText = "one per visible GPU, else 1") =>
        Settings.Whole("--workers", "N", "worker processes of the embedded cluster on this machine", 1, MaxWorkers, defaultText, "--gpus");

    public static Setting<string?> StateDir() =>
        Settings.Text("--state-dir", "DIR", "folder of the embedded cluster: journal, feature store, logs", Places.DefaultStateDir);

    public static Setting<Uri?> Cluster(string what = "submit to the running cluster whose coordinator's API is at URL instead of starting an embedded one") =>
        new("--cluster", "URL", what) { Read = words => Urls.Read(words[^1]), Fallback = null };

    public static Setting<bool> Json(string what = "end standard output with one JSON object on a line of its own") => Settings.Flag("--json", what);

    public static Setting<bool> Detach() => Settings.Flag("--detach", "with --cluster: print the run's id and leave; the run goes on");

    public static Setting<IReadOnlyList<string>> Set() => Settings.Many("--set", "KEY.PATH=VALUE", "replace a value of the config", ReadAssignment);

    public static Setting<string?> Hocon() => Settings.Text("--hocon", "FILE", "Akka settings laid over the shipped ones in hocon/");

    public static Setting<int?> Port(string name, string description, string defaultText) => Settings.Whole(name, "PORT", description, 0, 65535, defaultText);

    private static string ReadAssignment(string word) => word.IndexOf('=', StringComparison.Ordinal) > 0 ? word
        : throw new FormatException($"'{word}' is not of the form key.path=value");
}

/// <summary>Addresses of coordinators as users type them.</summary>
internal static class Urls
{
    public static Uri Read(string word) =>
        Uri.TryCreate(word, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https") && url.Host.Length > 0
            ? url
            : throw new FormatException($"'{word}' is not a URL like http://host:8080");
}
