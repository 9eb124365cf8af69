using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Agents;

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

    /// <summary>It takes commands and carries none out, until it is let go on.</summary>
    public bool Silent { get; set; }

    public IReadOnlyCollection<DomainReport> Domains => _domains.Values;

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
            PrivateIpAddress = "192.0.2.1",
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

    private Task CarryOutAsync(VirtualMachineCommand command, CancellationToken cancellationToken)
    {
        VirtualMachineAnswer answer = command switch
        {
            StartCommand start => Start(start),
            StopCommand stop => Stop(stop),
            RebootCommand => new RebootAnswer(),
            CheckVirtualMachineCommand => new CheckVirtualMachineAnswer(),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is new"),
        };
        _sequence++;
        return management.AnswerAsync(
            answer with
            {
                CommandId = command.CommandId,
                Result = true,
                HostGuid = HostGuid,
                Session = Session,
                Sequence = _sequence,
                VmUuid = command.VmUuid,
                Observed = _domains.ContainsKey(command.VmUuid) ? Observation.Running : Observation.Off,
                PciDevices = _domains.GetValueOrDefault(command.VmUuid)?.PciDevices ?? [],
                SentAt = time.GetUtcNow(),
            },
            cancellationToken);
    }

    private StartAnswer Start(StartCommand command)
    {
        _domains[command.VmUuid] = new DomainReport
        {
            Uuid = command.VmUuid,
            Name = command.VmName,
            State = PowerState.PowerOn,
            PciDevices = [.. command.Vm.PciDevices.Select(device => device.Address)],
        };
        return new StartAnswer();
    }

    private StopAnswer Stop(StopCommand command)
    {
        if (!command.CheckBeforeCleanup) _domains.Remove(command.VmUuid);
        if (_domains.ContainsKey(command.VmUuid)) return new StopAnswer();
        return new StopAnswer
        {
            Cleaned = [.. command.PciDevices.Select(device => new PciDeviceCleaning
            {
                Address = device.Address,
                Clean = !Dirty.Contains(device.Address),
                Reason = Dirty.Contains(device.Address) ? "config space reads ff" : null,
            })],
        };
    }

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

    private HostReport Report() => new()
    {
        Session = Session,
        Sequence = _sequence,
        BootId = BootId,
        PciDevices = [.. PciDevices],
        BadPciDevices = [.. BadPciDevices],
        VirtualMachines = [.. _domains.Values],
    };
}
