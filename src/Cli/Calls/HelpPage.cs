using System.CommandLine;
using System.Text;

namespace ClusterBench.Cli.Calls;

/// <summary>Help pages: the first page, and one page per verb with its options, their variables' rule and an example.</summary>
internal static class HelpPage
{
    private const int Width = 100;

    public static void Write(Command command, RootCommand root, TextWriter output) =>
        output.Write(command == root ? FirstPage(root) : command is Verb verb ? VerbPage(verb) : GroupPage(command));

    /// <summary>The words that lead to a command: <c>clusterbench config show</c>.</summary>
    public static string PathOf(Command command)
    {
        string? parent = command.Parents.OfType<Command>().Select(PathOf).FirstOrDefault();
        return parent is null ? "clusterbench" : $"{parent} {command.Name}";
    }

    private static string FirstPage(RootCommand root)
    {
        var page = new StringBuilder();
        page.AppendLine("ClusterBench evaluates self-supervised vision backbones: point it at a PyTorch checkpoint, and a");
        page.AppendLine("cluster of workers runs the downstream benchmarks and survives the loss of any process.");
        page.AppendLine();
        page.AppendLine("Usage: clusterbench VERB [arguments] [options]");
        page.AppendLine();
        page.AppendLine("First steps:");
        page.AppendLine("  clusterbench demo");
        page.AppendLine("      the tour, on shipped images and a shipped checkpoint");
        page.AppendLine("  clusterbench knn configs/samples/selfsup.yaml --pretrained my_checkpoint.pth --dry-run");
        page.AppendLine("      what would be run, on which files, with how much memory; starts nothing");
        foreach (IGrouping<string, Command> group in root.Subcommands.GroupBy(GroupOf, StringComparer.Ordinal))
        {
            page.AppendLine();
            page.AppendLine($"{group.Key}:");
            foreach (Command verb in group.SelectMany(Leaves))
                Row(page, Signature(verb), (verb as Verb)?.Summary ?? "", 42);
        }
        page.AppendLine();
        page.AppendLine("'clusterbench VERB --help' explains a verb, its options and shows an example; --version prints the version.");
        page.AppendLine("Exit status: 0 done, 1 the run failed or was canceled, 2 the call or the config was wrong,");
        page.AppendLine("3 no cluster reachable, 130 interrupted (the run can be resumed).");
        return page.ToString();
    }

    private static string GroupPage(Command group)
    {
        var page = new StringBuilder();
        page.AppendLine(group.Description).AppendLine();
        foreach (Command verb in group.Subcommands)
            Row(page, $"{PathOf(verb)} {string.Concat(verb.Arguments.Select(argument => argument.Name))}", (verb as Verb)?.Summary ?? "", 42);
        page.AppendLine().AppendLine("Example:");
        foreach (Verb verb in group.Subcommands.OfType<Verb>())
            Indented(page, verb.Example);
        return page.ToString();
    }

    private static string VerbPage(Verb verb)
    {
        var page = new StringBuilder();
        foreach (string line in Wrapped(verb.Description ?? "", Width))
            page.AppendLine(line);
        page.AppendLine().AppendLine($"Usage: {PathOf(verb)}{string.Concat(verb.Arguments.Select(argument => " " + argument.Name))} [options]");
        if (verb.Arguments.Count > 0)
        {
            page.AppendLine().AppendLine("Arguments:");
            foreach (Argument argument in verb.Arguments)
                Row(page, argument.Name, argument.Description ?? "", 28);
        }
        page.AppendLine().AppendLine("Options:");
        foreach (Option option in verb.Options.Where(option => !option.Hidden))
            Row(page, Label(option), Explained(option), 28);
        Row(page, "-h, --help", "this page", 28);
        if (verb.Remarks is not null)
        {
            page.AppendLine();
            foreach (string line in Wrapped(verb.Remarks, Width))
                page.AppendLine(line);
        }
        if (verb.Options.FirstOrDefault(option => option is ISetting) is ISetting first)
        {
            page.AppendLine().AppendLine($"Every option can also be set in the environment ({((Option)first).Name}: {first.Variables[0]}); the command line wins.");
        }
        page.AppendLine().AppendLine("Example:");
        Indented(page, verb.Example);
        return page.ToString();
    }

    private static string GroupOf(Command command) => command switch
    {
        Verb { Group: { } group } => group,
        VerbGroup { Group: var group } => group,
        _ => "Verbs",
    };

    private static IEnumerable<Command> Leaves(Command command) => command is VerbGroup ? command.Subcommands : [command];

    private static string Signature(Command verb)
    {
        string name = verb.Parents.OfType<VerbGroup>().FirstOrDefault() is { } group ? $"{group.Name} {verb.Name}" : verb.Name;
        return name + string.Concat(verb.Arguments.Select(argument => " " + argument.Name));
    }

    private static string Label(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(alias => alias.Length == 2).Append(option.Name)
            .Concat(option.Aliases.Where(alias => alias.Length > 2)));
        return option is ISetting { IsFlag: true } ? names : $"{names} {option.HelpName}";
    }

    private static string Explained(Option option) => option is ISetting setting
        ? option.Description + (setting.Repeatable ? " (may be repeated)" : "") + (setting.DefaultText is { } text ? $" [default: {text}]" : "")
        : option.Description ?? "";

    private static void Row(StringBuilder page, string left, string right, int column)
    {
        string indent = new(' ', column);
        page.Append("  ").Append(left);
        if (left.Length + 4 > column)
            page.AppendLine().Append(indent);
        else
            page.Append(' ', column - left.Length - 2);
        bool first = true;
        foreach (string line in Wrapped(right, Width - column))
        {
            page.Append(first ? "" : indent).AppendLine(line);
            first = false;
        }
    }

    private static void Indented(StringBuilder page, string lines)
    {
        foreach (string line in lines.Split('\n'))
            page.Append("  ").AppendLine(line);
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        yield return line.ToString();
    }
}
