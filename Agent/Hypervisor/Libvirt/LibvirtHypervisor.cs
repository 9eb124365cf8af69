using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// A host's domains, by libvirt: what of <see cref="IHypervisor"/> needs no device and no other host. It is that interface when the rest
/// is there (devices, migration, opening anew a connection that broke); until then no <c>hypervisor.type</c> asks for it.
/// </summary>
/// <param name="uri">The hypervisor, e.g. <c>qemu:///system</c>.</param>
/// <param name="domainType">What runs its domains, see <see cref="LibvirtDomainXml.Write"/>.</param>
/// <param name="timeProvider">The clock of deadlines.</param>
internal sealed class LibvirtHypervisor(string uri, string domainType, TimeProvider timeProvider) : IAsyncDisposable
{
    private LibvirtConnection? _connection;
    private Task _reading = Task.CompletedTask;

    /// <inheritdoc cref="IHypervisor.Changed"/>
    public event Action? Changed;

    /// <inheritdoc cref="IHypervisor.Version"/>
    public string Version { get; private set; } = "";

    private LibvirtConnection Connection => _connection ?? throw new InvalidOperationException("it is not open");

    /// <inheritdoc cref="IHypervisor.OpenAsync"/>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connection = await LibvirtConnection.OpenAsync(uri, timeProvider, cancellationToken);
            Version = $"libvirt {await _connection.GetVersionAsync(cancellationToken)}";
        }
        catch (DllNotFoundException e)
        {
            throw new IOException($"there is no {LibvirtNative.Library} on this host: install libvirt0 (Debian) or libvirt-libs", e);
        }
        catch (LibvirtException e)
        {
            throw new IOException($"{uri} cannot be used: {e.Message}", e);
        }

        _reading = ReadEventsAsync(_connection);
    }

    /// <inheritdoc cref="IHypervisor.ListDomainsAsync"/>
    public Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<Domain>>(async connection =>
        {
            var domains = new List<Domain>();
            foreach (var domain in await connection.ListDomainsAsync(cancellationToken))
            {
                domains.Add(await ReadAsync(connection, domain, cancellationToken));
            }

            return domains;
        });

    /// <inheritdoc cref="IHypervisor.FindDomainAsync"/>
    public Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken) => AskAsync(async connection =>
        await connection.FindDomainAsync(uuid, cancellationToken) is { State: not LibvirtDomainState.ShutOff } domain
            ? await ReadAsync(connection, domain, cancellationToken)
            : null);

    /// <inheritdoc cref="IHypervisor.StartAsync"/>
    public Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken) =>
        AskAsync(connection => connection.CreateAsync(LibvirtDomainXml.Write(vm, domainType), cancellationToken));

    /// <inheritdoc cref="IHypervisor.ShutdownAsync"/>
    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken) =>
        DoAsync(connection => connection.ShutdownAsync(uuid, cancellationToken));

    /// <inheritdoc cref="IHypervisor.DestroyAsync"/>
    public Task DestroyAsync(Guid uuid, CancellationToken cancellationToken) =>
        DoAsync(connection => connection.DestroyAsync(uuid, cancellationToken));

    /// <inheritdoc cref="IHypervisor.RebootAsync"/>
    public Task RebootAsync(Guid uuid, CancellationToken cancellationToken) =>
        DoAsync(connection => connection.RebootAsync(uuid, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        if (_connection is null) return;
        await _connection.DisposeAsync();
        await _reading;
    }

    private static async Task<Domain> ReadAsync(LibvirtConnection connection, LibvirtDomain domain, CancellationToken cancellationToken) =>
        LibvirtDomainReader.Read(domain, await HasJobAsync(connection, domain.Uuid, cancellationToken));

    private static async Task<bool> HasJobAsync(LibvirtConnection connection, Guid uuid, CancellationToken cancellationToken)
    {
        try
        {
            return (await connection.GetJobAsync(uuid, cancellationToken)).IsActive;
        }
        catch (LibvirtException e) when (e.Failure is LibvirtFailure.NoDomain or LibvirtFailure.Invalid or LibvirtFailure.NotSupported)
        {
            // It ended meanwhile, or the driver has no jobs.
            return false;
        }
    }

    private async Task ReadEventsAsync(LibvirtConnection connection)
    {
        await foreach (var happened in connection.Events.ReadAllAsync())
        {
            if (happened is LibvirtEvent.LifeCycle or LibvirtEvent.ConnectionClosed) Changed?.Invoke();
        }
    }

    private Task<bool> DoAsync(Func<LibvirtConnection, Task> call) => AskAsync(async connection =>
    {
        await call(connection);
        return true;
    });

    private async Task<T> AskAsync<T>(Func<LibvirtConnection, Task<T>> call)
    {
        try
        {
            return await call(Connection);
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
}
