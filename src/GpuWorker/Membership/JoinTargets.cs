using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>Where to ask for the cluster, and with which token.</summary>
internal sealed record JoinTarget(Uri Url, string? Token);

/// <summary>The meaning of <c>--join</c>. A file is read again at every attempt: it appears when the coordinator starts, and changes when it starts again.</summary>
internal sealed class JoinTargets
{
    private readonly string? file;
    private readonly string? token;
    private readonly IReadOnlyList<JoinTarget> fixedTargets;

    /// <exception cref="UserErrorException">Neither URLs nor @FILE.</exception>
    public JoinTargets(string join, string? token)
    {
        this.token = token;
        Text = join;
        if (join.StartsWith('@'))
        {
            file = join[1..];
            fixedTargets = [];
            return;
        }

        fixedTargets = [.. join.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => new JoinTarget(Url(url), token))];
        if (fixedTargets.Count == 0)
        {
            throw new UserErrorException("--join names no URL: give the coordinator's, e.g. --join http://host:8080, or @FILE.");
        }
    }

    /// <summary>What the user gave, for messages.</summary>
    public string Text { get; }

    /// <summary>The targets as of now; none, with the reason, while the file is not there or not whole.</summary>
    public IReadOnlyList<JoinTarget> Current(out string? problem)
    {
        problem = null;
        if (file is null)
        {
            return fixedTargets;
        }

        try
        {
            using var stream = File.OpenRead(file);
            var cluster = JsonSerializer.Deserialize(stream, ApiJson.Default.ClusterFile);
            if (cluster?.Url is { } url)
            {
                return [new JoinTarget(Url(url), cluster.Token ?? token)];
            }

            problem = $"{file} names no URL";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{file} is not there yet";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or UserErrorException)
        {
            problem = $"{file} cannot be used: {e.Message}";
        }

        return [];
    }

    private static Uri Url(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            ? url
            : throw new UserErrorException($"'{text}' is no URL of a coordinator, e.g. http://host:8080.");
}
