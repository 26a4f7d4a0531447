using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Reads the signatures on devices, and keeps apart those that do not answer: a command that reads one hangs, and cannot even be killed
/// while the kernel waits for the device. Such a device is asked again only after a while, a longer one each time.
/// </summary>
internal sealed class DeviceProbe(LvmOptions options, ICommandRunner runner)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<DevicePath, (long Since, TimeSpan Pause)> _silent = new();

    /// <summary>The devices that did not answer when they were last asked, by path.</summary>
    internal ImmutableArray<DevicePath> Silent => [.. _silent.Keys.Order()];

    /// <summary>The types of the signatures on a device; null where it cannot be read or does not answer.</summary>
    internal async Task<ImmutableArray<string>?> SignaturesAsync(DevicePath path, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        var pause = FirstPause;
        if (_silent.TryGetValue(path, out var silence))
        {
            if (options.Time.GetElapsedTime(silence.Since) < silence.Pause)
            {
                return null;
            }

            pause = silence.Pause * 2 < PauseMax ? silence.Pause * 2 : PauseMax;
        }

        var probe = CommandPlace.Of(options, "wipefs", ["--json", "--no-act", path.Value], options.ProbeTimeLimit) with
        {
            IsLeftToDie = true,
        };
        var clock = Stopwatch.StartNew();
        var probed = await runner.RunAsync(probe, cancellationToken).ConfigureAwait(false);
        if (!probed.WasKilled)
        {
            _silent.TryRemove(path, out _);
        }
        else if (probed.End == CommandEnd.Killed || clock.Elapsed >= options.ProbeTimeLimit / 2)
        {
            // Else a scan that has not enough time for all silent devices would find the same ones again and again.
            _silent[path] = (options.Time.GetTimestamp(), pause);
        }

        return probed.Succeeded ? Read(probed.Output) : null;
    }

    /// <summary>The types of the signatures in what wipefs has written; null where it cannot be read.</summary>
    internal static ImmutableArray<string>? Read(string output)
    {
        try
        {
            var found = output.Trim().Length == 0 ? JsonMap.Empty : JsonTree.Parse(output) as JsonMap;
            return [.. (found?.List("signatures")?.Maps() ?? []).Select(signature => signature.Text("type") ?? "unknown")];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
