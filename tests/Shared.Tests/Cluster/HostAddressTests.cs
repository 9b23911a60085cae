using System.Net;
using ClusterBench.Cluster;

namespace ClusterBench.Tests.Cluster;

public sealed class HostAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("::1", "::1")]
    [InlineData("localhost", "127.0.0.1")]
    public void An_address_is_taken_as_it_is_and_a_name_looked_up(string host, string address) =>
        Assert.Equal(IPAddress.Parse(address), HostAddress.Of(host));

    [Fact]
    public void A_name_without_an_address_is_none_and_never_all_of_the_machine() => Assert.Null(HostAddress.Of("no-such-host.invalid"));
}
