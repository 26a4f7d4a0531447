namespace LocalPv.Core.Traces;

/// <summary>A line of a trace that cannot be read; the message says what is wrong with it, for a person.</summary>
public sealed class TraceException(string message) : Exception(message);
