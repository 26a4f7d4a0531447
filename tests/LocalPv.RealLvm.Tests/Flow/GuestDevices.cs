using System.Collections.Immutable;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Lvm.Commands;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Flow;

/// <summary>What a kubelet does with devices, done in a guest: a file system where there is none, and a mount for each Pod.</summary>
/// <param name="guest">The guest that runs now.</param>
internal sealed class GuestDevices(Func<Guest> guest) : INodeDevices
{
    private const int NoDevice = 44;

    /// <summary>Where a device is mounted for a Pod.</summary>
    internal static string FolderOf(string path, string podUid) => $"/run/mnt/{podUid}/{Path.GetFileName(path)}";

    /// <inheritdoc/>
    public Outcome<Nothing> Mount(string path, string podUid) => Run(
        $$"""
        [ -b "$1" ] || exit {{NoDevice}}
        [ -n "$(wipefs --noheadings --output TYPE "$1")" ] || mkfs.ext4 -q "$1"
        mkdir -p "$2"
        mountpoint -q "$2" || mount "$1" "$2"
        """,
        path,
        FolderOf(path, podUid));

    /// <inheritdoc/>
    public Outcome<Nothing> Unmount(string podUid) => Run(
        """for folder in /run/mnt/"$1"/*; do ! mountpoint -q "$folder" || umount "$folder"; done""", podUid);

    /// <inheritdoc/>
    public Outcome<Nothing> Grow(string path, string podUid) => Run("resize2fs \"$1\"", path);

    private Outcome<Nothing> Run(string script, params ImmutableArray<string> arguments)
    {
        var command = new Command("bash", ["-ec", script, "kubelet", .. arguments], TimeSpan.FromSeconds(30));
        var result = guest().RunAsync(command, CancellationToken.None).GetAwaiter().GetResult();
        return result switch
        {
            { Succeeded: true } => Outcome.Done(default(Nothing)),
            { ExitCode: NoDevice } => Outcome.Failed<Nothing>(OutcomeKind.NotFound, $"There is no device {arguments[0]}."),
            _ => Outcome.Failed<Nothing>(OutcomeKind.Unavailable, $"{result.End} {result.ExitCode}: {result.Errors}"),
        };
    }
}
