using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent;

/// <summary>
/// The agent of one host, in a process of its own or in one process with other agents. It drops what it receives before its start and after
/// its stop; management sends that again in the next session.
/// </summary>
internal sealed partial class AgentNode : IAsyncDisposable
{
    /// <summary>The log names at most so many damaged lines.</summary>
    private const int MostLines = 10;

    private readonly AgentPropertiesFile _file;
    private readonly ILogger _logger;
    private readonly IHypervisor _hypervisor;
    private readonly ManagementLinkOfNode _link;
    private readonly CancellationTokenSource _life = new();
    private readonly CommandJournal _journal;
    private readonly CommandLanes _lanes;
    private readonly VirtualMachineObserver _observer;
    private readonly ResetPciDeviceHandler _resets;
    private readonly ConfiguredDevices _devices;
    private readonly AgentRegistration _registration;
    private readonly List<Task> _loops = [];
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DataFolderLock? _lock;
    private Task? _letGo;
    private volatile bool _receiving;

    /// <param name="file">The agent's settings.</param>
    /// <param name="hypervisor">Runs the host's domains. The agent opens it when it starts, and disposes of it when it ends.</param>
    /// <param name="inventory">The host's PCI devices.</param>
    /// <param name="link">The way to management.</param>
    /// <param name="timeProvider">The only clock of the agent.</param>
    /// <param name="loggerFactory">Makes the loggers.</param>
    /// <param name="newGuid">Makes nonces and message ids; default: random ones.</param>
    public AgentNode(
        AgentPropertiesFile file,
        IHypervisor hypervisor,
        IPciInventory inventory,
        IManagementLink link,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory,
        Func<Guid>? newGuid = null)
    {
        var properties = file.Properties;
        (_file, _hypervisor, _logger) = (file, hypervisor, loggerFactory.CreateLogger<AgentNode>());
        _link = new ManagementLinkOfNode(link, _life.Token);
        Session = new AgentSession(properties.Guid);
        _journal = new CommandJournal(Path.Combine(properties.DataFolder, "journal.jsonl"), properties.SyncsJournal, timeProvider);
        _observer = new VirtualMachineObserver(hypervisor, _journal, properties.SettleTime, timeProvider);
        var cleaner = new DeviceCleaner(hypervisor, inventory);
        var addresses = new AddressCheck(hypervisor, inventory);
        var detacher = new DeviceDetacher(hypervisor, _journal, timeProvider);
        var attacher = new DeviceAttacher(hypervisor, timeProvider);
        var watch = new MigrationWatch(hypervisor, properties.MigrationWait, timeProvider);
        var executor = new CommandExecutor(
            new StartExecutor(hypervisor, addresses),
            new StopExecutor(hypervisor, _observer, cleaner, properties.StopWait, timeProvider),
            new RebootExecutor(hypervisor),
            new PrepareForMigrationExecutor(hypervisor, addresses, cleaner),
            new MigrateExecutor(hypervisor, addresses, detacher, attacher, cleaner, watch, properties.DetachWait),
            new AttachPciDevicesExecutor(hypervisor, addresses, attacher, _journal, timeProvider),
            new DetachPciDevicesExecutor(_observer, addresses, detacher, cleaner, properties.DetachWait, timeProvider),
            _journal,
            loggerFactory.CreateLogger<CommandExecutor>());
        var answers = new CommandAnswers(Session, _observer, _link, timeProvider, loggerFactory.CreateLogger<CommandAnswers>());
        _lanes = new CommandLanes(
            properties, Session, _journal, executor, new MigrationCanceller(
                hypervisor, timeProvider), answers, timeProvider, loggerFactory.CreateLogger<CommandLanes>());
        _resets = new ResetPciDeviceHandler(Session, cleaner, _link);
        _devices = new ConfiguredDevices(file, inventory);
        var reporter = new HostReporter(
            hypervisor, inventory, _devices, _journal, Session, loggerFactory.CreateLogger<HostReporter>());
        _registration = new AgentRegistration(
            properties,
            Session,
            reporter,
            _lanes,
            hypervisor,
            _link,
            timeProvider,
            newGuid ?? System.Guid.NewGuid,
            loggerFactory.CreateLogger<AgentRegistration>());
        file.Changed += _registration.HostChanged;
        hypervisor.Changed += _registration.HostChanged;
        // A device that leaves late, when no command waits for it any more, shows in the report.
        hypervisor.DeviceChanged += _ => _registration.HostChanged();
        _lanes.Progressed += _registration.HostChanged;
        _observer.Settled += _registration.HostChanged;
    }

    /// <summary>The host's guid, which names the agent's queue.</summary>
    public string Guid => _file.Properties.Guid;

    /// <summary>The host's name.</summary>
    public string Name => _file.Properties.Name;

    public AgentSession Session { get; }

    /// <summary>
    /// Completes when a part of the agent has failed. Half an agent is worse than none: its process then ends, and is started again.
    /// </summary>
    public Task Broken => _broken.Task;

    /// <summary>
    /// Takes the data folder, reads the journal, opens the hypervisor, and announces the host. Its queue must be consumed already.
    /// </summary>
    /// <exception cref="IOException">Another agent holds the folder, or the host cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var properties = _file.Properties;
        _lock = DataFolderLock.Take(properties.DataFolder);
        _journal.Open();
        if (_journal.Skipped.Count > 0) LogSkipped(Guid, properties.DataFolder, string.Join(", ", _journal.Skipped.Take(MostLines)));
        await _hypervisor.OpenAsync(cancellationToken);
        foreach (var unknown in properties.UnknownKeys) LogProperties(Guid, unknown);
        var list = await _devices.FindAsync(cancellationToken);
        foreach (var warning in list.Warnings) LogProperties(Guid, warning);
        foreach (var bad in list.Bad) LogBadEntry(Guid, bad.Position, bad.Entry, bad.Reason);
        _receiving = true;
        _loops.Add(KeepAsync(_file.WatchAsync));
        _loops.Add(KeepAsync(_observer.WatchAsync));
        _loops.Add(KeepAsync(_registration.RunAsync));
    }

    /// <summary>Tells the agent that a new connection to management is there, and that its queue is consumed on it.</summary>
    public void Connected() => _registration.Connected();

    /// <summary>Takes a command or an answer of management; a message that this agent does not know is logged.</summary>
    public async Task ReceiveAsync(object message, CancellationToken cancellationToken)
    {
        if (!_receiving) return;
        try
        {
            await DispatchAsync(message, cancellationToken);
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            // The agent was killed while it took the message: nobody is there to be told.
        }
    }

    /// <summary>Ends in good order: commands under way may finish for a few seconds, management hears good-bye, VMs go on.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_receiving) return;
        _receiving = false;
        await _lanes.StopAsync();
        await _registration.LeaveAsync(cancellationToken);
        Kill();
        await Task.WhenAll(_loops);
        await _letGo!;
    }

    /// <summary>Ends at once, as kill -9 does: nothing more is sent or written, and commands under way stay begun.</summary>
    public void Kill()
    {
        _receiving = false;
        _file.Changed -= _registration.HostChanged;
        _life.Cancel();
        _lanes.Dispose();
        _journal.Dispose();
        _letGo ??= _hypervisor.DisposeAsync().AsTask();
        _lock?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Kill();
        await _letGo!;
    }

    private Task DispatchAsync(object message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case VirtualMachineCommand command:
                return _lanes.ReceiveAsync(command, cancellationToken);
            case ResetPciDeviceCommand command:
                return _resets.ReceiveAsync(command, cancellationToken);
            case StartupAnswer answer:
                return _registration.HandleAsync(answer, cancellationToken);
            case PingAnswer answer:
                _registration.Handle(answer);
                break;
            case ReadyCommand command:
                _registration.Handle(command);
                break;
            case CheckHealthCommand:
                _registration.HostChanged();
                break;
            default:
                LogUnknown(Guid, message.GetType().Name);
                break;
        }

        return Task.CompletedTask;
    }

    private async Task KeepAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_life.Token);
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            // The agent ends.
        }
        catch (Exception e)
        {
            LogLoopDied(Guid, e);
            _broken.TrySetResult();
        }
    }

    [LoggerMessage(2301, LogLevel.Warning, "{HostGuid}: pci.devices, entry {Position} \"{Entry}\" is not served: {Reason}")]
    private partial void LogBadEntry(string hostGuid, int position, string entry, string reason);

    [LoggerMessage(2302, LogLevel.Warning, "{HostGuid}: message {Message} is not for an agent")]
    private partial void LogUnknown(string hostGuid, string message);

    [LoggerMessage(2304, LogLevel.Warning, "{HostGuid}: {Problem}")]
    private partial void LogProperties(string hostGuid, string problem);

    [LoggerMessage(
        2305,
        LogLevel.Error,
        "{HostGuid}: journal.jsonl of {Folder} is damaged in line {Lines}: what these lines said of commands is not known any more")]
    private partial void LogSkipped(string hostGuid, string folder, string lines);

    [LoggerMessage(2303, LogLevel.Critical, "{HostGuid}: a part of the agent has failed")]
    private partial void LogLoopDied(string hostGuid, Exception exception);
}
