namespace ClusterBench;

/// <summary>The cluster's bearer token: from the environment, never from the command line, where every user of the machine can read it.</summary>
public static class Tokens
{
    public const string Variable = "CLUSTERBENCH_TOKEN";
    public const string FileVariable = "CLUSTERBENCH_TOKEN_FILE";

    /// <summary>The token, or null when neither variable is set.</summary>
    /// <exception cref="UserErrorException">The token file cannot be read or is empty.</exception>
    public static string? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } token)
        {
            return token.Trim();
        }

        if (Environment.GetEnvironmentVariable(FileVariable) is not { Length: > 0 } path)
        {
            return null;
        }

        try
        {
            var text = File.ReadAllText(path).Trim();
            return text.Length > 0 ? text : throw new UserErrorException($"{FileVariable}: {path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{FileVariable}: {path} cannot be read: {e.Message}", inner: e);
        }
    }
}
