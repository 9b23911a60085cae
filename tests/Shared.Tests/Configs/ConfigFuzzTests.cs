using System.Text;
using ClusterBench.Configs;
using CsCheck;

namespace ClusterBench.Tests.Configs;

public sealed class ConfigFuzzTests : IDisposable
{
    private const string Alphabet = "{}[]:,-&*!|>'\"%@`#?<~ \n\t\\0159.eEx_ayn\u00e9\u2028\0";

    private static readonly Gen<(double At, int Kind, char With)> Mutation =
        Gen.Select(Gen.Double.Unit, Gen.Int[0, 4], Gen.Int[0, Alphabet.Length - 1].Select(i => Alphabet[i]));

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Whatever is done to the two configs, the outcome is a run or an error for the user, never another exception.</summary>
    [Fact]
    public void Any_mutation_of_a_config_ends_in_a_run_or_in_a_config_error()
    {
        var root = ConfigFolder.ProgramRoot;
        var selfsup = File.ReadAllText(Path.Combine(root, "configs/samples/selfsup.yaml"));
        var dataset = File.ReadAllText(Path.Combine(root, "configs/samples/knn.yaml")).Replace("data:", "_base_: []\ndata:", StringComparison.Ordinal);
        var (runs, errors) = (0, 0);
        var cases = Gen.Select(Gen.Bool, Mutation.Array[1, 12]);
        // A generator of our own, since Sample's seed fixes its first case only.
        var random = new PCG(1, 20261124);
        for (var i = 0; i < 3000; i++)
        {
            var (first, mutations) = cases.Generate(random, null, out _);
            var request = _folder.Request(first ? Mutate(selfsup, mutations) : selfsup, first ? dataset : Mutate(dataset, mutations)) with { ProgramRoot = root };
            try
            {
                var text = RunConfigText.Write(RunConfigBuilder.Build(request).Config);
                Assert.Equal(text, RunConfigText.Write(RunConfigText.Parse(text)));
                runs++;
            }
            catch (ConfigException e)
            {
                Assert.NotEmpty(e.Errors);
                errors++;
            }
            catch (Exception e)
            {
                Assert.Fail($"case {i}: {e}\n{File.ReadAllText(request.Config)}\n{File.ReadAllText(request.DatasetConfig!)}");
            }
        }
        Assert.True(runs > 100 && errors > 1000, $"{runs} runs and {errors} errors: the mutations should make many of both.");
    }

    private static string Mutate(string text, (double At, int Kind, char With)[] mutations)
    {
        var result = new StringBuilder(text);
        foreach (var (at, kind, with) in mutations)
        {
            var i = (int)(at * (result.Length - 1));
            var length = Math.Min(12, result.Length - i);
            _ = kind switch
            {
                0 => result.Insert(i, with),
                1 => result.Remove(i, 1),
                2 => result.Remove(i, length),
                3 => result.Insert(i, result.ToString(i, length)),
                _ => result.Replace(result[i], with, i, 1),
            };
        }
        return result.ToString();
    }
}
