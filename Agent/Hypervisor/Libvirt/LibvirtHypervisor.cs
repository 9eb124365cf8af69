using System.Runtime.CompilerServices;
using System.Xml.Linq;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// A host's domains, by libvirt. A libvirtd that restarts or hangs is survived: meanwhile calls are refused, and <see cref="Changed"/>
/// tells when there is a connection again, as events were lost.
/// </summary>
internal sealed partial class LibvirtHypervisor : IHypervisor
{
    private readonly LibvirtProperties _settings;
    private readonly TemplateFolder _templates;
    private readonly GuestDisks _disks;
    private readonly MachineIdentity _machine;
    private readonly QemuProcesses _processes;
    private readonly KernelFolder _sysfs;
    private readonly HostMemory _memory;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<LibvirtHypervisor> _logger;
    private readonly LibvirtLink _link;

    /// <param name="settings">How the host is reached, and what its domains are made of.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="processes">What runs on it.</param>
    /// <param name="timeProvider">The clock of deadlines.</param>
    /// <param name="logger">Is told, for tracing, how long libvirt and guests take.</param>
    /// <param name="sysfs">What its kernel says of its interfaces; default: <c>/sys</c>.</param>
    /// <param name="proc">What its kernel says of its memory; default: <c>/proc</c>.</param>
    public LibvirtHypervisor(
        LibvirtProperties settings,
        MachineIdentity machine,
        QemuProcesses processes,
        TimeProvider timeProvider,
        ILogger<LibvirtHypervisor> logger,
        KernelFolder? sysfs = null,
        KernelFolder? proc = null)
    {
        (_settings, _machine, _processes, _sysfs) = (settings, machine, processes, sysfs ?? new KernelFolder("/sys"));
        _memory = new HostMemory(proc ?? new KernelFolder("/proc"));
        (_timeProvider, _logger) = (timeProvider, logger);
        _templates = new TemplateFolder(settings.TemplateFolder);
        _disks = new GuestDisks(settings.DiskFolder, new QemuImages(timeProvider), timeProvider);
        _link = new LibvirtLink(settings.Uri, timeProvider, logger);
        _link.Happened += Hear;
        _link.Reopened += () => Changed?.Invoke();
    }

    public event Action? Changed;

    public string Version { get; private set; } = "";

    public HostCapacity Capacity { get; private set; } = new(0, 0, 0);

    public string MigrationUri => _settings.MigrationUri ?? throw new InvalidOperationException("libvirt.migration.uri is not known");

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _link.OpenAsync(cancellationToken);
            Version = $"libvirt {await _link.LookAsync(connection => connection.GetVersionAsync(cancellationToken), cancellationToken)}";
            Capacity = await _link.LookAsync(connection => connection.GetCapacityAsync(cancellationToken), cancellationToken);
            // Unlike these this call waits its turn: what an agent before this one asked for has begun when it is answered, and shows.
            await _link.LookAsync(connection => connection.GetCapabilitiesAsync(cancellationToken), cancellationToken);
        }
        catch (DllNotFoundException e)
        {
            throw new IOException($"there is no {LibvirtNative.Library} on this host: install libvirt0 (Debian) or libvirt-libs", e);
        }
        catch (LibvirtException e)
        {
            throw new IOException($"{_settings.Uri} cannot be used: {e.Message}", e);
        }
    }

    public async Task<string> GetMachineIdAsync(CancellationToken cancellationToken) =>
        _machine.Find(XElement.Parse(await LookAsync(connection => connection.GetCapabilitiesAsync(cancellationToken), cancellationToken))
            .Element("host")?.Element("uuid")?.Value);

    public Task<string> GetBootIdAsync(CancellationToken cancellationToken) => Task.FromResult(_machine.BootId);

    public async Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken)
    {
        // Both before libvirt is asked: what ends meanwhile has ended when it answers.
        var (processes, unanswered) = (_processes.List(), _link.ListUnanswered());
        var shown = await LookAsync(
            async connection => (await connection.ListDomainsAsync(cancellationToken)).Select(domain => Read(domain, unanswered)).ToList(),
            cancellationToken);
        return [.. shown, .. processes.Where(process => shown.All(domain => domain.Uuid != process.Uuid) && _processes.IsThere(process))
            .Select(process => process.ToDomain())];
    }

    public async Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken)
    {
        if (await FindShownAsync(uuid, cancellationToken) is { } domain) return domain;
        if (_processes.List().FirstOrDefault(process => process.Uuid == uuid) is not { } process) return null;
        // It may have been starting, or ending.
        return await FindShownAsync(uuid, cancellationToken) ?? (_processes.IsThere(process) ? process.ToDomain() : null);
    }

    public async Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        if (await FindDomainAsync(vm.Uuid, cancellationToken) is { Trouble: { } trouble })
        {
            throw new HypervisorException(LibvirtFailures.OperationInvalid, LibvirtFailures.FromQemu, trouble);
        }

        foreach (var device in vm.PciDevices) _names.Remember(vm.Uuid, LibvirtDeviceXml.AliasOf(device), device.Address);
        var parts = await FindPartsAsync(vm, cancellationToken);
        if (vm.NeverRan && parts.Disk is { } disk) await _disks.MakeAsync(disk, cancellationToken);
        var xml = LibvirtDomainXml.Write(vm, _settings.DomainType, parts);
        await ChangeAsync(vm.Uuid, connection => connection.CreateAsync(xml, cancellationToken), cancellationToken);
    }

    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(uuid, connection => connection.ShutdownAsync(uuid, cancellationToken), cancellationToken);

    public Task DestroyAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(uuid, connection => connection.DestroyAsync(uuid, cancellationToken), cancellationToken);

    public Task RebootAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(uuid, connection => connection.RebootAsync(uuid, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>The domain; null when there is none, or it is only defined: then it holds nothing.</summary>
    private static async Task<LibvirtDomain?> FindLiveAsync(LibvirtConnection connection, Guid uuid, CancellationToken cancellationToken) =>
        await connection.FindDomainAsync(uuid, cancellationToken) is { State: not LibvirtDomainState.ShutOff } domain ? domain : null;

    private async Task<Domain?> FindShownAsync(Guid uuid, CancellationToken cancellationToken)
    {
        var unanswered = _link.ListUnanswered();
        var shown = await LookAsync(
            async connection => await FindLiveAsync(connection, uuid, cancellationToken) is { } domain ? Read(domain, unanswered) : null,
            cancellationToken);
        return shown is null && unanswered.Contains(uuid)
            ? throw LibvirtFailures.ToHypervisor(LibvirtCalls.NotAsked(
                $"whether VM {uuid} is off", "libvirt has not answered an earlier call, and may carry it out at any time"))
            : shown;
    }

    private Domain Read(LibvirtDomain domain, IReadOnlySet<Guid> unanswered)
    {
        foreach (var device in LibvirtDomainReader.DevicesOf(domain)) Remember(domain.Uuid, device);
        var read = LibvirtDomainReader.Read(domain);
        return read with { HasJob = read.HasJob || unanswered.Contains(domain.Uuid) };
    }

    private void Hear(LibvirtEvent happened)
    {
        switch (happened)
        {
            case LibvirtEvent.DeviceRemoved(var domain, var alias):
                HearOfDevice(domain, alias, removed: true);
                break;
            case LibvirtEvent.DeviceRemovalFailed(var domain, var alias):
                HearOfDevice(domain, alias, removed: false);
                break;
            case LibvirtEvent.LifeCycle(var domain, LibvirtLifeCycle.Stopped, _):
                _names.Forget(domain);
                Changed?.Invoke();
                break;
            case LibvirtEvent.LifeCycle or LibvirtEvent.JobCompleted:
                Changed?.Invoke();
                break;
        }
    }

    private async Task<T> LookAsync<T>(
        Func<LibvirtConnection, Task<T>> call, CancellationToken cancellationToken, [CallerMemberName] string what = "")
    {
        var began = _timeProvider.GetTimestamp();
        try
        {
            return await _link.LookAsync(call, cancellationToken);
        }
        catch (LibvirtException e)
        {
            throw LibvirtFailures.ToHypervisor(e);
        }
        catch (FormatException e)
        {
            throw new HypervisorException(LibvirtFailures.InternalError, 0, e.Message);
        }
        finally
        {
            LogLooked(what, (long)_timeProvider.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private async Task ChangeAsync(
        Guid uuid, Func<LibvirtConnection, Task> call, CancellationToken cancellationToken, [CallerMemberName] string what = "")
    {
        var began = _timeProvider.GetTimestamp();
        try
        {
            await _link.ChangeAsync(uuid, call, cancellationToken);
        }
        catch (LibvirtException e)
        {
            throw LibvirtFailures.ToHypervisor(e);
        }
        finally
        {
            LogTook(uuid, what, (long)_timeProvider.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    [LoggerMessage(3202, LogLevel.Trace, "libvirt: {What} took {Milliseconds} ms")]
    private partial void LogLooked(string what, long milliseconds);

    [LoggerMessage(3201, LogLevel.Debug, "{Uuid}: {What} took {Milliseconds} ms")]
    private partial void LogTook(Guid uuid, string what, long milliseconds);
}
