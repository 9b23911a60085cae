using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Clusters;

/// <summary>The cluster's secret, from the environment alone: a command line can be read by every user of the machine.</summary>
internal static class SecretToken
{
    public const string Variable = "CLUSTERBENCH_TOKEN";
    public const string FileVariable = "CLUSTERBENCH_TOKEN_FILE";

    /// <summary>The token, or null if neither variable is set; what is wrong with them becomes an error of the call.</summary>
    public static string? Read(Call call)
    {
        try
        {
            return Read(call.Around);
        }
        catch (UserErrorException e)
        {
            call.Refuse(e.Message);
            return null;
        }
    }

    /// <exception cref="UserErrorException">The file that <c>CLUSTERBENCH_TOKEN_FILE</c> names cannot be read or is empty.</exception>
    public static string? Read(Surroundings around)
    {
        if (around.Environment(Variable) is { Length: > 0 } token)
            return token.Trim();
        if (around.Environment(FileVariable) is not { Length: > 0 } file)
            return null;
        try
        {
            string text = File.ReadAllText(around.FullPath(file)).Trim();
            return text.Length > 0 ? text : throw new UserErrorException($"{FileVariable}: {file} is empty; it must hold the cluster's secret.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{FileVariable}: {file} cannot be read: {e.Message}", inner: e);
        }
    }
}
