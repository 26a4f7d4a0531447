using System.ComponentModel;
using System.Diagnostics;

namespace LocalPv.Hosting.Doctor;

/// <summary>What the checks look at on a machine. Reads only.</summary>
public interface IMachine
{
    /// <summary>Whether a file or folder is there.</summary>
    bool Exists(string path);

    /// <summary>The text of a file; empty where it cannot be read.</summary>
    string Read(string path);

    /// <summary>Whether this process may write into a folder.</summary>
    bool MayWrite(string folder);

    /// <summary>Runs a program that changes nothing; null where it cannot be started or does not end in time.</summary>
    Task<(int ExitCode, string Output)?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken);
}

/// <summary>The machine that the program runs on.</summary>
public sealed class Machine : IMachine
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    /// <inheritdoc/>
    public string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <inheritdoc/>
    public bool MayWrite(string folder)
    {
        try
        {
            using var probe = new FileStream(
                Path.Combine(folder, $".localpv-doctor-{Environment.ProcessId}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<(int ExitCode, string Output)?> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, output.Length > 0 ? output : await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }
}
