using System.Diagnostics;
using System.Text;

namespace ClusterBench.Cli.Embedded;

/// <summary>What a child runs.</summary>
/// <param name="Program">Path of the executable.</param>
/// <param name="Arguments">Its arguments; never a secret, since every user of the machine can read them.</param>
/// <param name="Environment">Variables set on top of this process's own; null takes one away.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string?> Environment)
{
    public ProcessStartInfo ToStartInfo()
    {
        var info = new ProcessStartInfo(Program, Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in Environment)
        {
            if (value is null)
                info.Environment.Remove(name);
            else
                info.Environment[name] = value;
        }

        return info;
    }

    public override string ToString() => string.Join(' ', [Path.GetFileName(Program), .. Arguments]);
}
