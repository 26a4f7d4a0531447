namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>The guest did not boot, crashed or hangs. The message has its console.</summary>
internal sealed class GuestFailureException(string message) : Exception(message);
