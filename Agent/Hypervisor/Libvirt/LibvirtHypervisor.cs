using System.Xml.Linq;
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
    private readonly MachineIdentity _machine;
    private readonly TimeProvider _timeProvider;
    private readonly LibvirtLink _link;

    /// <param name="settings">How the host is reached, and what its domains are made of.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="timeProvider">The clock of deadlines.</param>
    public LibvirtHypervisor(LibvirtProperties settings, MachineIdentity machine, TimeProvider timeProvider)
    {
        (_settings, _machine, _timeProvider) = (settings, machine, timeProvider);
        _templates = new TemplateFolder(settings.TemplateFolder);
        _link = new LibvirtLink(settings.Uri, timeProvider);
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

    public Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken) =>
        LookAsync<IReadOnlyList<Domain>>(
            async connection => [.. (await connection.ListDomainsAsync(cancellationToken)).Select(Read)], cancellationToken);

    public Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken) => LookAsync(
        async connection => await FindLiveAsync(connection, uuid, cancellationToken) is { } domain ? Read(domain) : null,
        cancellationToken);

    public async Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        foreach (var device in vm.PciDevices) _names.Remember(vm.Uuid, LibvirtDeviceXml.AliasOf(device), device.Address);
        var xml = LibvirtDomainXml.Write(vm, _settings.DomainType, _templates.Find(vm.Template), _settings.ConsoleFolder);
        await ChangeAsync(connection => connection.CreateAsync(xml, cancellationToken), cancellationToken);
    }

    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(connection => connection.ShutdownAsync(uuid, cancellationToken), cancellationToken);

    public Task DestroyAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(connection => connection.DestroyAsync(uuid, cancellationToken), cancellationToken);

    public Task RebootAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync(connection => connection.RebootAsync(uuid, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>The domain; null when there is none, or it is only defined: then it holds nothing.</summary>
    private static async Task<LibvirtDomain?> FindLiveAsync(LibvirtConnection connection, Guid uuid, CancellationToken cancellationToken) =>
        await connection.FindDomainAsync(uuid, cancellationToken) is { State: not LibvirtDomainState.ShutOff } domain ? domain : null;

    private Domain Read(LibvirtDomain domain)
    {
        foreach (var device in LibvirtDomainReader.DevicesOf(domain)) Remember(domain.Uuid, device);
        return LibvirtDomainReader.Read(domain);
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

    private async Task<T> LookAsync<T>(Func<LibvirtConnection, Task<T>> call, CancellationToken cancellationToken)
    {
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
    }

    private async Task ChangeAsync(Func<LibvirtConnection, Task> call, CancellationToken cancellationToken)
    {
        try
        {
            await _link.ChangeAsync(call, cancellationToken);
        }
        catch (LibvirtException e)
        {
            throw LibvirtFailures.ToHypervisor(e);
        }
    }
}
