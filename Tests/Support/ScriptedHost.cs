using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;

namespace PciBus.Tests.Support;

/// <summary>
/// An agent reduced to its messages: it does at once what it is told, and says so. A test makes it silent, dirty or slow.
/// </summary>
internal sealed class ScriptedHost(string name, AgentMessages management, TimeProvider time)
{
    private readonly Dictionary<Guid, DomainReport> _domains = [];
    private readonly Queue<Command> _unanswered = new();
    private long _sequence = 1;

    public string Name => name;

    public string HostGuid { get; } = Guid.NewGuid().ToString();

    public string Queue => EndpointNames.Agent(HostGuid);

    public long Session { get; private set; }

    public string BootId { get; set; } = "boot-1";

    /// <summary>The devices of its <c>pci.devices</c>.</summary>
    public List<PciDeviceTO> PciDevices { get; } = [];

    public List<BadPciDeviceEntry> BadPciDevices { get; } = [];

    /// <summary>Devices that do not come clean out of a reset.</summary>
    public HashSet<PciAddress> Dirty { get; } = [];

    /// <summary>Devices that no guest lets go of.</summary>
    public HashSet<PciAddress> Deaf { get; } = [];

    /// <summary>Devices that no domain can be given.</summary>
    public HashSet<PciAddress> Broken { get; } = [];

    /// <summary>The hosts that virtual machines can be migrated to.</summary>
    public IReadOnlyCollection<ScriptedHost> Peers { get; set; } = [];

    /// <summary>Why a command is not carried out; null when it is.</summary>
    public Func<VirtualMachineCommand, string?> Refuses { get; set; } = _ => null;

    /// <summary>What becomes of an answer on its way: it comes once, more often or never.</summary>
    public Func<VirtualMachineAnswer, IEnumerable<VirtualMachineAnswer>> OnTheWay { get; set; } = answer => [answer];

    /// <summary>It takes commands and carries none out, until it is let go on.</summary>
    public bool Silent { get; set; }

    public IReadOnlyCollection<DomainReport> Domains => _domains.Values;

    public string Address { get; init; } = "192.0.2.1";

    /// <summary>Name of its cluster.</summary>
    public string Cluster { get; init; } = "cluster1";

    public Task AnnounceAsync(CancellationToken cancellationToken) => management.StartupAsync(
        new StartupRoutingCommand
        {
            CommandId = Guid.NewGuid(),
            DataCenter = "zone1",
            Pod = "pod1",
            Cluster = Cluster,
            Guid = HostGuid,
            Name = name,
            Version = "0.1.0",
            PrivateIpAddress = Address,
            CpuSockets = 2,
            Cpus = 16,
            Speed = 2000,
            Memory = 64L << 30,
            Dom0MinMemory = 1L << 30,
            Caps = "hvm",
            HypervisorVersion = "10.0.0",
            Nonce = Guid.NewGuid(),
            SentAt = time.GetUtcNow(),
            Report = Report(),
        },
        cancellationToken);

    /// <summary>Reports how it looks now.</summary>
    public Task PingAsync(CancellationToken cancellationToken)
    {
        _sequence++;
        return management.PingAsync(
            new PingRoutingCommand { HostGuid = HostGuid, SentAt = time.GetUtcNow(), Report = Report() }, cancellationToken);
    }

    /// <summary>Something else than a command makes a domain, or changes it.</summary>
    public void Place(DomainReport domain) => _domains[domain.Uuid] = domain;

    /// <summary>A domain powers itself off.</summary>
    public void PowerOff(Guid vmUuid) => _domains.Remove(vmUuid);

    /// <summary>Takes a message; a command is carried out, or kept while the host is silent.</summary>
    public async Task TakeAsync(object message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case StartupAnswer answer:
                Session = answer.Session;
                break;
            case PingAnswer { SendStartup: true } ask when ask.Session == Session && !Silent:
                await AnnounceAsync(cancellationToken);
                break;
            case VirtualMachineCommand or ResetPciDeviceCommand when Silent:
                _unanswered.Enqueue((Command)message);
                break;
            case VirtualMachineCommand command:
                await CarryOutAsync(command, cancellationToken);
                break;
            case ResetPciDeviceCommand reset:
                await ResetAsync(reset, cancellationToken);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends a silence: everything that came meanwhile is carried out.</summary>
    public async Task SpeakAsync(CancellationToken cancellationToken)
    {
        Silent = false;
        while (_unanswered.TryDequeue(out var command)) await TakeAsync(command, cancellationToken);
    }

    private async Task CarryOutAsync(VirtualMachineCommand command, CancellationToken cancellationToken)
    {
        var refusal = Refuses(command);
        VirtualMachineAnswer answer = command switch
        {
            _ when refusal is not null => Refused(command) with { Details = refusal },
            StartCommand start => Start(start),
            StopCommand stop => Stop(stop),
            RebootCommand => new RebootAnswer { Details = WhyDeaf(command, "reboot") },
            CheckVirtualMachineCommand => new CheckVirtualMachineAnswer(),
            PrepareForMigrationCommand prepare => Prepare(prepare),
            MigrateCommand migrate => Migrate(migrate),
            CancelMigrationCommand => new CancelMigrationAnswer(),
            AttachPciDevicesCommand attach => Attach(attach),
            DetachPciDevicesCommand detach => Detach(detach),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is new"),
        };
        _sequence++;
        var domain = _domains.GetValueOrDefault(command.VmUuid);
        answer = answer with
        {
            CommandId = command.CommandId,
            Result = answer.Details is null,
            HostGuid = HostGuid,
            Session = Session,
            Sequence = _sequence,
            VmUuid = command.VmUuid,
            Observed = domain is null ? Observation.Off : domain.Status == DomainStatus.Incoming ? Observation.UnderWay : Observation.Running,
            Status = domain?.Status,
            PciDevices = domain?.PciDevices ?? [],
            SentAt = time.GetUtcNow(),
        };
        foreach (var one in OnTheWay(answer)) await management.AnswerAsync(one, cancellationToken);
    }

    private static VirtualMachineAnswer Refused(VirtualMachineCommand command) => command switch
    {
        PrepareForMigrationCommand => new PrepareForMigrationAnswer(),
        MigrateCommand => new MigrateAnswer(),
        AttachPciDevicesCommand => new AttachPciDevicesAnswer(),
        DetachPciDevicesCommand => new DetachPciDevicesAnswer(),
        StartCommand => new StartAnswer(),
        StopCommand => new StopAnswer { NotBegun = true },
        _ => new CheckVirtualMachineAnswer(),
    };

    private PrepareForMigrationAnswer Prepare(PrepareForMigrationCommand command)
    {
        if (!command.Rollback) return new PrepareForMigrationAnswer { MigrationUri = $"scripted://{name}", Cleaned = Clean(command.Vm.PciDevices) };
        if (_domains.GetValueOrDefault(command.VmUuid) is { Status: DomainStatus.Incoming }) _domains.Remove(command.VmUuid);
        return new PrepareForMigrationAnswer();
    }

    private StartAnswer Start(StartCommand command)
    {
        _domains[command.VmUuid] = new DomainReport
        {
            Uuid = command.VmUuid,
            Name = command.VmName,
            State = PowerState.PowerOn,
            Status = DomainStatus.Running,
            PciDevices = [.. command.Vm.PciDevices.Select(device => device.Address)],
        };
        return new StartAnswer();
    }

    private string? WhyDeaf(VirtualMachineCommand command, string what) =>
        _domains.GetValueOrDefault(command.VmUuid) is { Status: DomainStatus.Paused } ? $"domain {command.VmName} is Paused: its guest cannot {what}" : null;

    private StopAnswer Stop(StopCommand command)
    {
        if (!command.CheckBeforeCleanup && !command.ForceStop && WhyDeaf(command, "shut down") is { } why) return new StopAnswer { Details = why };
        if (!command.CheckBeforeCleanup) _domains.Remove(command.VmUuid);
        if (_domains.ContainsKey(command.VmUuid)) return new StopAnswer();
        return new StopAnswer { Cleaned = Clean(command.PciDevices) };
    }

    /// <summary>All devices, or none: then the domain stays as it was.</summary>
    private MigrateAnswer Migrate(MigrateCommand command)
    {
        if (!_domains.TryGetValue(command.VmUuid, out var domain)) return new MigrateAnswer { Details = "there is no such domain", NotBegun = true };
        if (domain.PciDevices.Any(Deaf.Contains))
        {
            return new MigrateAnswer
            {
                Details = "not detached",
                DeviceOutcomes = Outcomes(domain.PciDevices, address => Deaf.Contains(address) ? HotplugState.Pending : HotplugState.Reattached),
            };
        }

        Peers.Single(peer => peer.HostGuid == command.HostGuid)._domains[command.VmUuid] = domain with { PciDevices = [] };
        _domains.Remove(command.VmUuid);
        return new MigrateAnswer { DeviceOutcomes = Outcomes(domain.PciDevices, _ => HotplugState.Removed), Cleaned = Clean(command.PciDevices) };
    }

    private AttachPciDevicesAnswer Attach(AttachPciDevicesCommand command)
    {
        if (!_domains.TryGetValue(command.VmUuid, out var domain)) return new AttachPciDevicesAnswer { Details = "there is no such domain", NotBegun = true };
        List<PciAddress> addresses = [.. command.PciDevices.Select(device => device.Address)];
        _domains[command.VmUuid] = domain with { PciDevices = [.. domain.PciDevices.Union(addresses.Where(address => !Broken.Contains(address)))] };
        return new AttachPciDevicesAnswer
        {
            Details = addresses.Any(Broken.Contains) ? "not attached" : null,
            DeviceOutcomes = Outcomes(addresses, address => Broken.Contains(address) ? HotplugState.Failed : HotplugState.Attached),
        };
    }

    private DetachPciDevicesAnswer Detach(DetachPciDevicesCommand command)
    {
        var domain = _domains[command.VmUuid];
        List<PciDeviceTO> gone = [.. command.PciDevices.Where(device => !Deaf.Contains(device.Address))];
        _domains[command.VmUuid] = domain with { PciDevices = [.. domain.PciDevices.Except(gone.Select(device => device.Address))] };
        return new DetachPciDevicesAnswer
        {
            Details = gone.Count == command.PciDevices.Count ? null : "not detached",
            DeviceOutcomes = Outcomes(
                command.PciDevices.Select(device => device.Address), address => Deaf.Contains(address) ? HotplugState.Pending : HotplugState.Removed),
            Cleaned = Clean(gone),
        };
    }

    private List<PciDeviceOutcome> Outcomes(IEnumerable<PciAddress> addresses, Func<PciAddress, HotplugState> state) =>
        [.. addresses.Select(address => new PciDeviceOutcome { Address = address, State = state(address), At = time.GetUtcNow(), Took = 100, Reason = Broken.Contains(address) ? "vfio: device is broken" : null })];

    private List<PciDeviceCleaning> Clean(IEnumerable<PciDeviceTO> devices) =>
    [
        .. devices.Select(device => new PciDeviceCleaning
        {
            Address = device.Address,
            Clean = !Dirty.Contains(device.Address),
            Reason = Dirty.Contains(device.Address) ? "config space reads ff" : null,
        }),
    ];

    private Task ResetAsync(ResetPciDeviceCommand command, CancellationToken cancellationToken)
    {
        var isDirty = Dirty.Contains(command.Device.Address);
        return management.AnswerAsync(
            new ResetPciDeviceAnswer
            {
                CommandId = command.CommandId,
                Result = !isDirty,
                Details = isDirty ? "config space reads ff" : null,
                HostGuid = HostGuid,
                Session = Session,
                DeviceId = command.Device.Id,
                Claim = command.Device.Claim,
            },
            cancellationToken);
    }

    /// <summary>How it looks now.</summary>
    public HostReport Report() => new()
    {
        Session = Session,
        Sequence = _sequence,
        BootId = BootId,
        PciDevices = [.. PciDevices],
        BadPciDevices = [.. BadPciDevices],
        VirtualMachines = [.. _domains.Values],
    };
}
