using LocalPv.Lvm.Commands;

namespace LocalPv.RealLvm.Tests.Guests;

/// <summary>Runs the backend's commands in a guest.</summary>
internal sealed class GuestCommandRunner(Guest guest) : ICommandRunner
{
    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken) => guest.RunAsync(command, cancellationToken);
}
