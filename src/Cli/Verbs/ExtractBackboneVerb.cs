using System.CommandLine;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Verbs;

internal static class ExtractBackboneVerb
{
    public static Verb Create()
    {
        var checkpoint = new Argument<string>("CHECKPOINT") { Description = "PyTorch checkpoint of the self-supervised run" };
        var modelFile = new Argument<string>("MODEL_FILE") { Description = "file to write: the backbone's tensors alone, readable by torch.load" };
        var verb = new Verb("extract-backbone", "Writes the backbone's tensors of a checkpoint to a file of their own and says what was kept, dropped and renamed.")
        {
            Group = VerbGroups.Start,
            Summary = "a checkpoint's backbone into a file of its own",
            Example = "clusterbench extract-backbone samples/simclr_r18w16_fashion.pth backbone.pth",
            Bind = call =>
            {
                string from = call.Around.FullPath(call.Argument(checkpoint));
                string to = call.Around.FullPath(call.Argument(modelFile));
                if (from == to)
                    call.Refuse("MODEL_FILE is the CHECKPOINT itself; give another name");
                return _ => Task.FromResult(Run(from, to, call.Around));
            },
        };
        verb.Arguments.Add(checkpoint);
        verb.Arguments.Add(modelFile);
        return verb;
    }

    private static int Run(string checkpoint, string modelFile, Surroundings around)
    {
        NamedFiles.RequireFile(checkpoint, "CHECKPOINT");
        around.Error.WriteLine($"reading {around.ShownPath(checkpoint)}");
        if (Path.GetDirectoryName(modelFile) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        foreach (string line in around.Parts.Files.ExtractBackbone(checkpoint, modelFile))
            around.Out.WriteLine(line);
        return ExitCodes.Done;
    }
}
