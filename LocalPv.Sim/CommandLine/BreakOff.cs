using System.Runtime.InteropServices;

namespace LocalPv.Sim.CommandLine;

/// <summary>
/// Lets long work be broken off: the first SIGINT or SIGTERM asks it to come to an end and to say how far it came, the next ends the
/// process at once, as a signal does where there is nothing to say.
/// </summary>
internal sealed class BreakOff : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <summary>Listens from now on.</summary>
    internal BreakOff()
    {
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask)];
    }

    /// <summary>Cancelled once somebody has asked.</summary>
    internal CancellationToken Token => _asked.Token;

    /// <summary>Signals are the system's again.</summary>
    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _asked.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        signal.Cancel = !_asked.IsCancellationRequested;
        _asked.Cancel();
    }
}
