using System.Reflection;

namespace ClusterBench.Cli.Calls;

/// <summary>The version that this program was built as, with the commit where the build knows it.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
