using System.Collections.Concurrent;
using System.Threading.Channels;
using PciBus.Agent.Hypervisor.Libvirt.Native;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// This machine's KVM, through libvirt. Domains are transient: one that is off is gone, and management alone knows it then.
/// Nothing is remembered that libvirt and the kernel could be asked for, so that neither a restart of the agent nor one of
/// libvirtd changes what is said.
/// </summary>
internal sealed partial class LibvirtHypervisor : IHypervisor
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Change = TimeSpan.FromSeconds(90);

    /// <summary>All RAM of the guest is pinned meanwhile, and may have to be found first.</summary>
    private static readonly TimeSpan Pin = TimeSpan.FromMinutes(10);

    /// <summary>Libvirt lets a question for a job wait while it does something else with the domain, and that is an answer too.</summary>
    private static readonly TimeSpan JobLook = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _life = new();
    private readonly Channel<LibvirtEvent> _events = Channel.CreateUnbounded<LibvirtEvent>(new() { SingleReader = true });

    /// <summary>Domains that are being given a device: libvirt would let a question for their job wait until that is done.</summary>
    private readonly ConcurrentDictionary<Guid, int> _attaching = [];

    private readonly AgentProperties _properties;
    private readonly HostMachine _machine;
    private readonly HostPci _pci;
    private readonly LibvirtConnection _connection;
    private readonly OwnThreads _threads;
    private readonly DomainXmlWriter _xml;
    private readonly RootDisks _disks;
    private readonly MigrationPlace _places;
    private readonly WakeUp _lost;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private volatile string _version = "libvirt";

    /// <param name="properties">The host's settings.</param>
    /// <param name="machine">What the kernel says of the host.</param>
    /// <param name="pci">Its PCI devices.</param>
    /// <param name="timeProvider">Measures deadlines.</param>
    /// <param name="logger">For what happens to the connection.</param>
    public LibvirtHypervisor(AgentProperties properties, HostMachine machine, HostPci pci, TimeProvider timeProvider, ILogger<LibvirtHypervisor> logger)
    {
        (_properties, _machine, _pci, _timeProvider, _logger) = (properties, machine, pci, timeProvider, logger);
        _threads = new OwnThreads(timeProvider);
        _lost = new WakeUp(timeProvider);
        _connection = new LibvirtConnection(properties.Kvm.Uri, timeProvider);
        _connection.Happened += happened => _events.Writer.TryWrite(happened);
        _connection.Opened += () => _events.Writer.TryWrite(new LibvirtEvent(LibvirtEventKind.LifeCycle, Guid.Empty));
        (_xml, _disks) = (new DomainXmlWriter(properties.Kvm), new RootDisks(properties.Kvm));
        _places = new MigrationPlace(properties.Kvm, machine, _disks);
    }

    public event Action? Changed;

    public event Action<DeviceEvent>? DeviceChanged;

    public string Version => _version;

    public HostCapacity Capacity => _machine.Capacity;

    public string MigrationUri => _properties.Kvm.MigrationUri;

    /// <summary>An agent that starts before libvirtd does waits for it: it has a host to speak for.</summary>
    /// <exception cref="IOException">This machine has no libvirt.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        LibvirtConnection.Load();
        _ = HandEventsOnAsync();
        var connected = await ConnectAsync(cancellationToken);
        _ = StayConnectedAsync(connected);
    }

    public Task<string> GetBootIdAsync(CancellationToken cancellationToken) => Task.FromResult(_machine.BootId);

    public async Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        foreach (var device in vm.PciDevices)
        {
            if (await ReadyPciDeviceAsync(device.Address, cancellationToken) is { } obstacle) throw NotHandedOut(device.Address, obstacle);
        }

        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        var disk = await _threads.RunAsync($"the disk of {vm.Name}", Change, vm.Uuid, abandoned => _disks.Find(vm, abandoned), given.Token);
        var xml = _xml.Write(vm, disk);
        await _connection.CallAsync(
            $"the start of {vm.Name}",
            Pin,
            vm.Uuid,
            (connection, abandoned) =>
            {
                abandoned.ThrowIfCancellationRequested();
                LibvirtDomain.Create(connection, xml);
                return true;
            },
            given.Token);
    }

    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("a shutdown", Change, uuid, (domain, _) => domain.Shutdown(), cancellationToken);

    public Task DestroyAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("the end", Change, uuid, (domain, _) => domain.Destroy(), cancellationToken);

    /// <summary>As the power button does; a guest that has not rebooted when it could have shut down is reset.</summary>
    public async Task RebootAsync(Guid uuid, CancellationToken cancellationToken)
    {
        var heard = new WakeUp(_timeProvider);
        var isLost = false;
        void Hear(LibvirtEvent happened)
        {
            if (happened.Kind == LibvirtEventKind.Closed) isLost = true;
            else if (happened.Kind != LibvirtEventKind.Reboot || happened.Domain != uuid) return;
            heard.Set();
        }

        _connection.Happened += Hear;
        try
        {
            await OnDomainAsync("a reboot", Change, uuid, (domain, _) => domain.Reboot(), cancellationToken);
            if (!await heard.WaitAsync(_properties.StopWait, cancellationToken)) await OnDomainAsync("a reset", Change, uuid, (domain, _) => domain.Reset(), cancellationToken);
            else if (isLost) throw new HypervisorException(LibvirtError.InternalError, HypervisorException.RpcDomain, "internal error: the connection broke while the guest was asked to reboot");
        }
        finally
        {
            _connection.Happened -= Hear;
        }
    }

    public void Dispose()
    {
        if (_life.IsCancellationRequested) return;
        _life.Cancel();
        _events.Writer.TryComplete();
        _connection.Dispose();
    }

    /// <summary>Changes a domain.</summary>
    private async Task OnDomainAsync(string what, TimeSpan deadline, Guid uuid, Action<LibvirtDomain, CancellationToken> call, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        await _connection.CallAsync(
            $"{what} of domain {uuid}",
            deadline,
            uuid,
            (connection, abandoned) =>
            {
                using var domain = LibvirtDomain.Find(connection, uuid);
                abandoned.ThrowIfCancellationRequested();
                call(domain, abandoned);
                return true;
            },
            given.Token);
    }

    /// <summary>Looks, and changes nothing.</summary>
    private async Task<T> CallAsync<T>(string what, TimeSpan deadline, Func<ConnectionHandle, T> call, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        return await _connection.CallAsync(what, deadline, null, (connection, _) => call(connection), given.Token);
    }

    private async Task<bool> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            _version = await CallAsync("the version", Look, LibvirtConnection.VersionOf, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotConnected(_properties.Guid, _properties.Kvm.Uri, e.Message);
            return false;
        }
    }

    /// <summary>Opens the connection again when it broke, whether or not anybody has a question: events come on it.</summary>
    private async Task StayConnectedAsync(bool connected)
    {
        try
        {
            while (true)
            {
                // Whatever goes wrong here, the next round tries again.
                await _lost.WaitAsync(connected ? Timeout.InfiniteTimeSpan : ReconnectPause, _life.Token);
                connected = await ConnectAsync(_life.Token);
                if (connected) LogConnected(_properties.Guid, _properties.Kvm.Uri, _version);
            }
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }

    /// <summary>From libvirt's thread to one on which listeners may take their time.</summary>
    private async Task HandEventsOnAsync()
    {
        await foreach (var happened in _events.Reader.ReadAllAsync())
        {
            if (_life.IsCancellationRequested) return;
            if (happened.Kind == LibvirtEventKind.Closed) _lost.Set();
            try
            {
                if (happened.Kind is LibvirtEventKind.DeviceRemoved or LibvirtEventKind.DeviceRemovalFailed && DeviceAlias.AddressIn(happened.Alias) is { } device)
                {
                    DeviceChanged?.Invoke(new DeviceEvent(happened.Domain, device, happened.Kind == LibvirtEventKind.DeviceRemoved));
                }

                Changed?.Invoke();
            }
            catch (Exception e)
            {
                // One listener that fails does not cost the next event.
                LogNotTaken(_properties.Guid, happened.Kind, e);
            }
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "{HostGuid}: {Uri} cannot be reached, it is tried again: {Reason}")]
    private partial void LogNotConnected(string hostGuid, string uri, string reason);

    [LoggerMessage(3103, LogLevel.Error, "{HostGuid}: event {Kind} of libvirt was not taken")]
    private partial void LogNotTaken(string hostGuid, LibvirtEventKind kind, Exception exception);

    [LoggerMessage(3102, LogLevel.Information, "{HostGuid}: {Uri} is back: {Version}")]
    private partial void LogConnected(string hostGuid, string uri, string version);
}
