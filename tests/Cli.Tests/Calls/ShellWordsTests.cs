using ClusterBench.Cli.Calls;

namespace ClusterBench.Tests.Calls;

public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("plain/path-1.pth", "plain/path-1.pth")]
    [InlineData("10 20", "'10 20'")]
    [InlineData("", "''")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    public void A_word_is_quoted_only_where_a_shell_would_change_it(string word, string quoted) => Assert.Equal(quoted, ShellWords.Quote(word));
}
