using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// The disks of guests, in a folder that the hosts of a cluster share: an overlay on its template's disk for each virtual machine. It is
/// made for a virtual machine that has never run, never again, and never over anything that is there.
/// </summary>
/// <param name="folder">Full path; null: guests have no disks.</param>
/// <param name="images">Looks at images, and makes them.</param>
/// <param name="timeProvider">The clock of deadlines.</param>
internal sealed class GuestDisks(string? folder, QemuImages images, TimeProvider timeProvider)
{
    /// <summary>The disk with which a virtual machine runs, which is there, or may be made; null: it has none.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="template">The disk of its template; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HypervisorException">It cannot run here with its disk, and why.</exception>
    public async Task<GuestDisk?> FindAsync(VirtualMachineTO vm, DiskImage? template, CancellationToken cancellationToken)
    {
        if (folder is null)
        {
            return template is null ? null : throw QemuImages.Failure(
                $"the template has a disk, {template.Path}, and this host has no {LibvirtProperties.DiskFolderKey}");
        }

        var path = Path.Combine(folder, $"{vm.Uuid}.{DiskImage.Qcow2}");
        var isThere = await LookAsync(() => File.Exists(path), cancellationToken);
        if (template is null)
        {
            return isThere ? throw QemuImages.Failure($"the virtual machine has a disk, {path}, and its template has none any more") : null;
        }

        await CheckAsync(template, cancellationToken);
        if (isThere)
        {
            await CheckAsync(path, template, cancellationToken);
        }
        else if (!vm.NeverRan)
        {
            throw QemuImages.Failure(
                $"this host does not find the disk of the virtual machine, which has run or may have: it looked for {path}");
        }
        else if (await FolderProblemAsync(cancellationToken) is { } problem)
        {
            throw QemuImages.Failure(problem);
        }

        return new GuestDisk(path, template);
    }

    /// <summary>Makes the disk of a virtual machine that has never run, unless an earlier start has left it.</summary>
    /// <exception cref="HypervisorException">It cannot be made, and why.</exception>
    public async Task MakeAsync(GuestDisk disk, CancellationToken cancellationToken)
    {
        if (await LookAsync(() => File.Exists(disk.Path), cancellationToken)) return;
        // It has its name when it is whole.
        var draft = $"{disk.Path}.{Guid.NewGuid():N}";
        try
        {
            await images.MakeOverlayAsync(draft, disk.Backing, cancellationToken);
            await LookAsync(() => Publish(draft, disk.Path), cancellationToken);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>What the setting lacks on this host; null: nothing, or it is not set.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (folder is null) return null;
        try
        {
            await images.TryAsync(cancellationToken);
            return await FolderProblemAsync(cancellationToken);
        }
        catch (HypervisorException e)
        {
            return $"{LibvirtProperties.DiskFolderKey}={folder}: {e.Message}";
        }
    }

    /// <summary>Whose template it is says which file of the host its guests would read.</summary>
    private async Task CheckAsync(DiskImage template, CancellationToken cancellationToken)
    {
        if (template.Format != DiskImage.Qcow2) return;
        var header = await images.ReadAsync(template.Path, cancellationToken);
        if ((header.BackingFile ?? header.DataFile) is not { } other) return;
        throw QemuImages.Failure($"the template's disk {template.Path} is no whole image: it names another file, \"{other}\"");
    }

    private async Task CheckAsync(string path, DiskImage template, CancellationToken cancellationToken)
    {
        var header = await images.ReadAsync(path, cancellationToken);
        if (header == new QcowHeader(template.Path, template.Format, null)) return;
        throw QemuImages.Failure(
            $"the disk {path} is no overlay on the template's disk {template.Path}: it names \"{header.BackingFile ?? header.DataFile}\"");
    }

    private async Task<string?> FolderProblemAsync(CancellationToken cancellationToken) =>
        await LookAsync(() => Directory.Exists(folder), cancellationToken)
            ? null
            : $"{LibvirtProperties.DiskFolderKey}={folder} is not there: it is never made, as it may lie in what is not mounted";

    private static bool Publish(string draft, string path)
    {
        try
        {
            using (var file = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(file);
            File.Move(draft, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            // An earlier start, of another host, came first: that disk is as good.
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QemuImages.Failure($"the disk {path} cannot be made: {e.Message}");
        }
    }

    /// <summary>Another machine may have the folder, and not answer.</summary>
    private async Task<T> LookAsync<T>(Func<T> look, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(look, cancellationToken).WaitAsync(QemuImages.Deadline, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw QemuImages.Failure(
                $"{LibvirtProperties.DiskFolderKey}={folder} did not answer within {QemuImages.Deadline.TotalSeconds:0} s");
        }
    }
}
