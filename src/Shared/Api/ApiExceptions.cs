using System.Net;

namespace ClusterBench.Api;

/// <summary>Nobody answers at a coordinator's address, or it is not ready yet. Asking again may help.</summary>
public sealed class ClusterUnreachableException(Uri url, string reason, Exception? inner = null)
    : UserErrorException($"no cluster reachable at {url.AbsoluteUri.TrimEnd('/')}: {reason}", exitCode: 3, inner)
{
    /// <summary>Why, without the address.</summary>
    public string Reason { get; } = reason;
}

/// <summary>The coordinator answered and refused; the message is its own.</summary>
public sealed class ApiException(HttpStatusCode status, string message) : UserErrorException(message, exitCode: 2)
{
    public HttpStatusCode Status { get; } = status;
}
