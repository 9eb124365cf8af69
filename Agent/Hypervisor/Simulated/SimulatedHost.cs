using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// The state of a simulated host and its files: <c>domains/UUID.json</c>, <c>devices.json</c>, <c>boot-id</c>,
/// <c>attachments.log</c>, and those of a <see cref="MigrationFolder"/>.
/// Knows libvirt's rules of who may hold what; knows no time. Its caller takes care of locking.
/// </summary>
internal sealed class SimulatedHost(
    string folder, string guid, Func<IReadOnlyList<PciDeviceEntry>> configured, TimeProvider timeProvider) : IDisposable
{
    private readonly SortedDictionary<Guid, SimulatedDomain> _domains = [];
    private readonly string _domainFolder = Path.Combine(folder, "domains");
    private IReadOnlyList<SimulatedDomain> _incoming = [];
    private AttachmentLog? _log;
    private SimulatedPciBus? _pciBus;

    /// <summary>Guid of the host.</summary>
    public string Guid => guid;

    public string BootId { get; private set; } = "";

    /// <summary>Its own domains.</summary>
    public IReadOnlyCollection<SimulatedDomain> Domains => _domains.Values;

    /// <summary>Domains that other hosts are bringing.</summary>
    public IReadOnlyList<SimulatedDomain> Incoming => _incoming;

    public MigrationFolder Migrations { get; } = new(folder);

    public SimulatedPciBus PciBus => _pciBus ?? throw new InvalidOperationException("the simulated host is not loaded");

    private AttachmentLog Log => _log ?? throw new InvalidOperationException("the simulated host is not loaded");

    /// <summary>Reads the state that was there before.</summary>
    public void Load()
    {
        Directory.CreateDirectory(_domainFolder);
        _pciBus = new SimulatedPciBus(Path.Combine(folder, SimulatedPciBus.FileName), guid, configured);
        foreach (var path in Directory.EnumerateFiles(_domainFolder, "*.json"))
        {
            var domain = StateFile.Read<SimulatedDomain>(path, "its domain has ended")!;
            _domains[domain.Uuid] = domain;
        }

        BootId = StateFile.Read<string>(BootIdPath, "the host has rebooted") ?? "";
        // The first boot is named after the host, so that a replayed simulation is the same each time.
        if (BootId.Length == 0) SetBootId($"boot-1-{guid}");
        _log = new AttachmentLog(Path.Combine(folder, "attachments.log"), timeProvider);
        _log.Recover(
            [.. _domains.Values.Where(domain => domain.IsActive)],
            [.. Migrations.Arrived().Select(arrived => arrived.Domain.Uuid)]);
        Migrations.Open();
        LookAround();
    }

    /// <summary>Takes up the domains that other hosts have brought since the last time.</summary>
    public void LookAround()
    {
        foreach (var (domain, at) in Migrations.Arrived().ToList())
        {
            if (!_domains.ContainsKey(domain.Uuid))
            {
                Log.Begin(domain, at);
                Save(domain);
            }

            Migrations.Adopted(domain.Uuid);
        }

        _incoming = [.. Migrations.Incoming()];
    }

    public SimulatedDomain? Find(Guid uuid) => _domains.GetValueOrDefault(uuid) ?? _incoming.FirstOrDefault(domain => domain.Uuid == uuid);

    public SimulatedDomain? HolderOf(PciAddress address) =>
        _domains.Values.FirstOrDefault(domain => domain.PciDevices.Contains(address));

    /// <exception cref="HypervisorException">The device is in a domain.</exception>
    public void RefuseIfHeld(PciAddress device)
    {
        if (HolderOf(device) is { } holder) throw LibvirtErrors.DeviceInUse(device, holder.Name);
    }

    /// <summary>Makes a domain that holds its devices from now on; refuses what libvirt refuses.</summary>
    public void Begin(VirtualMachineTO vm, IReadOnlyList<PciAddress> vanished, int sparePorts, bool starting)
    {
        if (Find(vm.Uuid) is { } same)
        {
            throw same.Name == vm.Name ? LibvirtErrors.AlreadyActive(same.Name) : LibvirtErrors.UuidTaken(same.Name, same.Uuid);
        }

        if (_domains.Values.Concat(_incoming).FirstOrDefault(other => other.Name == vm.Name) is { } taken)
        {
            throw LibvirtErrors.NameTaken(taken.Name, taken.Uuid);
        }

        var addresses = vm.PciDevices.Select(device => device.Address).ToList();
        if (addresses.Distinct().Count() < addresses.Count) throw LibvirtErrors.SameDeviceTwice();
        foreach (var address in addresses)
        {
            RefuseIfHeld(address);
            if (vanished.Contains(address) || PciBus.Find(address) is null) throw LibvirtErrors.NoSuchHostDevice(address);
        }

        var domain = new SimulatedDomain
        {
            Uuid = vm.Uuid,
            Name = vm.Name,
            Starting = starting,
            Cpus = vm.Cpus,
            Memory = vm.MaxRam,
            StartedBy = vm.StartedBy,
            Booted = timeProvider.GetUtcNow(),
            PciDevices = addresses,
            Ports = [.. Enumerable.Range(1, addresses.Count)],
            PortCount = addresses.Count + sparePorts,
        };
        Log.Begin(domain);
        Save(domain);
    }

    /// <summary>The disk did not take the domain: there is no domain, whatever the log has told before.</summary>
    public void HasNotBegun(VirtualMachineTO vm)
    {
        try
        {
            Log.End(new SimulatedDomain { Uuid = vm.Uuid, PciDevices = [.. vm.PciDevices.Select(device => device.Address)] });
        }
        catch (IOException)
        {
            // The log tells it when the host is loaded again.
        }
    }

    public void Save(SimulatedDomain domain)
    {
        StateFile.Write(PathOf(domain.Uuid), domain);
        _domains[domain.Uuid] = domain;
    }

    /// <summary>The domain is no more, and its devices are free. If it is on its way elsewhere, it does not arrive any more.</summary>
    public void End(Guid uuid)
    {
        if (!_domains.Remove(uuid, out var domain)) return;
        if (domain.Outgoing is { } destination) MigrationFolder.Of(destination).Withdraw(uuid);
        File.Delete(PathOf(uuid));
        if (domain.IsActive) Log.End(domain);
    }

    public void Attach(SimulatedDomain domain, PciAddress device, int port)
    {
        Log.Attach(domain.Uuid, device);
        Save(domain.With(device, port));
    }

    public void Detach(SimulatedDomain domain, PciAddress device)
    {
        Save(domain.Without(device));
        Log.Detach(domain.Uuid, device);
    }

    /// <summary>The domain stops here before it can go on elsewhere: it is active on one host at most.</summary>
    public void Suspend(SimulatedDomain domain)
    {
        if (domain.Suspended) return;
        Save(domain with { Suspended = true });
        Log.End(domain);
    }

    /// <summary>The domain is not going elsewhere, and runs on if it was stopped for that.</summary>
    public void StayHere(SimulatedDomain domain)
    {
        var stays = domain with { Outgoing = null, Suspended = false };
        if (domain.Suspended) Log.Begin(stays);
        Save(stays);
    }

    /// <summary>
    /// Ends all domains. Domains on their way here do not arrive, and none can come any more until <see cref="MigrationFolder.Open"/>.
    /// </summary>
    public void PowerOff(string nextBootId)
    {
        Migrations.Close();
        LookAround();
        foreach (var domain in _domains.Values.ToList()) End(domain.Uuid);
        SetBootId(nextBootId);
    }

    public void SetBootId(string bootId)
    {
        StateFile.Write(BootIdPath, bootId);
        BootId = bootId;
    }

    public void Dispose() => _log?.Dispose();

    private string BootIdPath => Path.Combine(folder, "boot-id");

    private string PathOf(Guid uuid) => Path.Combine(_domainFolder, $"{uuid}.json");
}
