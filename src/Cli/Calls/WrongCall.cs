using System.CommandLine.Parsing;
using System.CommandLine;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Calls;

/// <summary>What is said about a call that cannot be carried out as it was typed: on standard error, with exit status 2.</summary>
internal static class WrongCall
{
    public static int Report(IReadOnlyList<string> errors, Command command, TextWriter error)
    {
        foreach (string line in errors)
            error.WriteLine($"error: {line}");
        error.WriteLine($"Nothing was started. '{HelpPage.PathOf(command)} --help' shows how it is called.");
        return ExitCodes.WrongCall;
    }

    /// <summary>The parser's findings in our words; what it could not place comes first, because the rest often follows from it.</summary>
    public static IReadOnlyList<string> ErrorsOf(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        // An unknown option first falls to the arguments, where it would displace what was meant: nothing else is worth saying then.
        string[] unknown = UnknownOptions(parsed);
        if (unknown.Length > 0)
            return [.. unknown.Select(token => Unplaced(token, command))];
        var errors = parsed.UnmatchedTokens.Select(token => Unplaced(token, command)).ToList();
        if (errors.Count > 0)
            return errors;
        if (command is not Verb)
        {
            string verbs = string.Join(", ", command.Subcommands.Select(verb => verb.Name));
            return [command is RootCommand ? $"a verb is missing: {verbs}" : $"'{command.Name}' needs one of: {verbs}"];
        }
        return [.. parsed.Errors.Select(Spoken).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Words with a leading dash that are neither an option nor the value of one.</summary>
    public static string[] UnknownOptions(ParseResult parsed)
    {
        IEnumerable<string> placed = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
        return parsed.Tokens.Any(token => token.Value == "--") ? []
            : [.. placed.Concat(parsed.UnmatchedTokens).Where(token => token.Length > 1 && token[0] == '-').Distinct(StringComparer.Ordinal)];
    }

    private static string Unplaced(string token, Command command)
    {
        if (token.StartsWith('-'))
            return $"unknown option '{token}'{NearestName.Hint(token, OptionNames(command))}";
        if (command is Verb)
            return $"unexpected '{token}': {command.Name} takes {Takes(command)}";
        string what = command is RootCommand ? "verb" : $"{command.Name} verb";
        return $"unknown {what} '{token}'{NearestName.Hint(token, command.Subcommands.Select(verb => verb.Name))}";
    }

    private static string Takes(Command command) => command.Arguments.Count == 0 ? "options only"
        : string.Join(" ", command.Arguments.Select(argument => argument.Name)) + " and options";

    private static IEnumerable<string> OptionNames(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Append("--help");

    private static string Spoken(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Argument: var argument, Tokens.Count: 0 } when argument.Name.Length > 0 && argument.Name.All(c => char.IsUpper(c) || c == '_') =>
            $"{argument.Name} is missing",
        OptionResult { Option: var option, Tokens.Count: 0 } => $"{option.Name} needs a value: {option.Name} {option.HelpName}",
        OptionResult { Option: var option, Tokens.Count: > 1 } result =>
            $"{option.Name} is given {result.IdentifierTokenCount} times; it takes one value",
        _ => error.Message,
    };
}
