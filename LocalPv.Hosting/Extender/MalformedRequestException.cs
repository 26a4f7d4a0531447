namespace LocalPv.Hosting.Extender;

/// <summary>A request body that is not what kube-scheduler sends; the message says what is wrong with it.</summary>
internal sealed class MalformedRequestException(string message) : Exception(message);
