namespace LocalPv.Hosting.Extender;

/// <summary>A request that is sound as far as it was read, and larger than what is answered.</summary>
internal sealed class RequestTooLargeException(string message) : Exception(message);
