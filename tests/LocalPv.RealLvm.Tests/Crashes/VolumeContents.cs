using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.RealLvm.Tests.Guests;

namespace LocalPv.RealLvm.Tests.Crashes;

/// <summary>A volume and how much of it is written: behind that it has to read as zeros.</summary>
internal sealed record WrittenVolume(PersistentVolume Volume, long Written);

/// <summary>
/// What is written to volumes: all over their blocks the uid of the claim and the place, so that whatever block turns up somewhere else
/// shows. Looked at through the device, without any file system.
/// </summary>
internal static class VolumeContents
{
    // A record fits into every block size a whole number of times.
    private const int RecordLength = 64;

    /// <summary>Compares volumes with what they should hold; the answer has a line for each that differs.</summary>
    internal static Task<string> CompareAsync(Guest guest, IEnumerable<WrittenVolume> volumes) => WithFilesAsync(
        guest,
        volumes,
        """
        while (my ($device, $file) = splice @ARGV, 0, 2) {
            open my $have, '<', $device or print "$device: $!\n" and next;
            open my $want, '<', $file or die $!;
            my ($at, $is) = (0, '');
            while (sysread $want, my $should, 1 << 20) {
                defined sysread $have, $is, length $should or print "$device at $at: $!\n" and last;
                $is eq $should or print "$device differs between $at and " . ($at + length $should) . "\n" and last;
                $at += length $should;
            }
            print "$device is longer than $at\n" if $at == -s $want && sysread $have, $is, 1;
        }
        """);

    /// <summary>Fills volumes.</summary>
    internal static Task<string> WriteAsync(Guest guest, IEnumerable<PersistentVolume> volumes) => WithFilesAsync(
        guest,
        volumes.Select(volume => new WrittenVolume(volume, SizeOf(volume))),
        """
        my $fsync = 74;
        while (my ($device, $file) = splice @ARGV, 0, 2) {
            open my $out, '+<', $device or die "$device: $!";
            open my $in, '<', $file or die $!;
            while (sysread $in, my $bytes, 1 << 20) {
                syswrite($out, $bytes) == length $bytes or die "$device: $!";
            }
            syscall($fsync, fileno $out) == 0 or die "$device: $!";
        }
        """);

    internal static long SizeOf(PersistentVolume volume) =>
        Quantity.TryParse(volume.Capacity, out var size, out var error) ? size.Value : throw new FormatException(error);

    // The host makes the files, the guest only copies or compares, and starts no program for it: that is dear.
    private static async Task<string> WithFilesAsync(Guest guest, IEnumerable<WrittenVolume> volumes, string program)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        var files = new List<string>();
        foreach (var (volume, written) in volumes)
        {
            var name = Guid.NewGuid().ToString("N");
            files.Add(Path.Combine(guest.Exchange, name));
            await File.WriteAllBytesAsync(files[^1], Contents(volume, written));
            arguments.AddRange(volume.LocalPath!, $"{Guest.ExchangeInside}/{name}");
        }

        var answer = arguments.Count == 0 ? "" : await guest.PerlAsync(program, arguments.ToImmutable());
        files.ForEach(File.Delete);
        return answer;
    }

    private static byte[] Contents(PersistentVolume volume, long written)
    {
        var contents = new byte[SizeOf(volume)];
        for (var at = 0; at < written; at += RecordLength)
        {
            var record = string.Create(CultureInfo.InvariantCulture, $"{volume.ClaimUid} {at:d12}").PadRight(RecordLength - 1) + '\n';
            Encoding.ASCII.GetBytes(record, contents.AsSpan(at, RecordLength));
        }

        return contents;
    }
}
