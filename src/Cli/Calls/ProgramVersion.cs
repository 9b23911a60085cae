using System.Reflection;

namespace ClusterBench.Cli.Calls;

/// <summary>The version that this program was built as.</summary>
internal static class ProgramVersion
{
    private static readonly string[] Parts =
        (typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+');

    public static string Text => Parts[0];

    /// <summary>With the commit where the build knows it.</summary>
    public static string Full => Parts.Length > 1 ? $"{Parts[0]} (commit {Parts[1][..Math.Min(12, Parts[1].Length)]})" : Parts[0];
}
