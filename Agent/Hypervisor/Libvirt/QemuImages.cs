using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Looks at disk images, and makes them, by QEMU's own program: each call is a process that gets its arguments one by one.
/// </summary>
/// <param name="timeProvider">The clock of deadlines.</param>
/// <param name="program">The program.</param>
internal sealed class QemuImages(TimeProvider timeProvider, string program = "qemu-img")
{
    /// <summary>How long a folder may take to answer that may lie on another machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Whether the program is there.</summary>
    /// <exception cref="HypervisorException">It is not, and which package has it.</exception>
    public Task TryAsync(CancellationToken cancellationToken) => RunAsync(["--version"], cancellationToken);

    /// <summary>What the header of an image of the format qcow2 says, also while a domain has it.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HypervisorException">It cannot be read, or is no such image.</exception>
    public async Task<QcowHeader> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var said = await RunAsync(["info", "--force-share", "--output=json", "-f", DiskImage.Qcow2, path], cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(said);
            var root = json.RootElement;
            // A name of a file is shown where the header has one, also when that file is not there.
            return new QcowHeader(
                Text(root, "backing-filename"),
                Text(root, "backing-filename-format"),
                root.TryGetProperty("format-specific", out var more) && more.TryGetProperty("data", out var data)
                    ? Text(data, "data-file") : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Failure($"{program} says of {path} what cannot be read: {e.Message}");
        }
    }

    /// <summary>Makes an empty image of the format qcow2 that shows another until it is written to.</summary>
    /// <param name="path">Full path; what stands there is replaced.</param>
    /// <param name="backing">The other image, which stays as it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HypervisorException">It cannot be made, and why.</exception>
    public Task MakeOverlayAsync(string path, DiskImage backing, CancellationToken cancellationToken) => RunAsync(
        ["create", "-q", "-f", DiskImage.Qcow2, "-b", backing.Path, "-F", backing.Format, path], cancellationToken);

    public static HypervisorException Failure(string message) => new(LibvirtFailures.InternalError, 0, message);

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var process = Start(arguments);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(end.Token), process.StandardError.ReadToEndAsync(end.Token));
            await Task.WhenAll(output, error, process.WaitForExitAsync(end.Token));
            return process.ExitCode == 0 ? await output : throw Failure((await error).Trim());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"{program} {arguments[0]} {arguments[^1]} did not end within {Deadline.TotalSeconds:0} s");
        }
        finally
        {
            // It may hang in the kernel, and then ends whenever that answers.
            if (!process.HasExited) process.Kill();
        }
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["LC_ALL"] = "C" },
            })!;
        }
        catch (Win32Exception e)
        {
            throw Failure($"{program} cannot be run: {e.Message}; install qemu-utils (Debian) or qemu-img");
        }
    }
}

/// <summary>Files that an image of the format qcow2 names; null: it names none.</summary>
/// <param name="BackingFile">Where it reads what it does not have itself.</param>
/// <param name="BackingFormat">The format of that.</param>
/// <param name="DataFile">Where its data are instead of in itself.</param>
internal sealed record QcowHeader(string? BackingFile, string? BackingFormat, string? DataFile);
