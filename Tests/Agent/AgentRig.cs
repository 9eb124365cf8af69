using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent;

/// <summary>One agent on a folder of its own and a clock that stands still until a test lets it go on.</summary>
internal sealed class AgentRig : IAsyncDisposable
{
    public static readonly PciAddress First = PciAddress.Parse("28:00.1");
    public static readonly PciAddress Second = PciAddress.Parse("28:00.2");

    private const int Rounds = 2000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly Pump _pump = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-agent-").FullName;
    private readonly string[] _settings;
    private long _session;
    private long _number;

    private AgentRig(string[] settings) => _settings = settings;

    public SettableClock Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RecordingLink Link { get; private set; } = new();

    public AgentNode Node { get; private set; } = null!;

    public SimulatedHypervisor Simulator { get; private set; } = null!;

    public string DataFolder => Path.Combine(_folder, "data");

    public string PropertiesPath => Path.Combine(_folder, "agent.properties");

    public IReadOnlyList<Attachment> Attachments => AttachmentLog.Read(Path.Combine(DataFolder, "simulator", "attachments.log"));

    /// <summary>An agent that has begun to announce itself.</summary>
    public static async Task<AgentRig> StartAsync(params string[] settings)
    {
        var rig = new AgentRig(settings);
        rig.WriteProperties("28:00.1|10GE,28:00.2|10GE");
        await rig.StartNodeAsync();
        return rig;
    }

    /// <summary>An agent in its first session.</summary>
    public static async Task<AgentRig> RegisteredAsync(params string[] settings)
    {
        var rig = await StartAsync(settings);
        await rig.RegisterAsync();
        return rig;
    }

    public void WriteProperties(string devices) => File.WriteAllLines(
        PropertiesPath,
        ["guid=kvm1", "hypervisor.type=simulated", "simulator.start.time=0", "simulator.stop.time=0", "simulator.hotplug.time=0", "simulator.migration.time=0", "agent.data.folder=data", .. _settings, $"pci.devices={devices}"]);

    public async Task StartNodeAsync()
    {
        Link = new RecordingLink();
        var file = AgentPropertiesFile.Open(PropertiesPath, Time);
        Simulator = HostSetup.Simulated(file, Time, NullLoggerFactory.Instance);
        Node = new AgentNode(file, Simulator, Simulator, Link, Time, NullLoggerFactory.Instance);
        await _pump.RunAsync(() => Node.StartAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The agent dies as by kill -9 and is started again, in a new session.</summary>
    public async Task CrashAsync()
    {
        Node.Kill();
        await StartNodeAsync();
        await RegisterAsync();
    }

    public async Task RegisterAsync()
    {
        await UntilAsync(() => Link.Sent<StartupRoutingCommand>().Count > 0);
        await ReceiveAsync(new StartupAnswer
        {
            Result = true,
            Nonce = Link.Sent<StartupRoutingCommand>()[^1].Nonce,
            Session = ++_session,
            HostId = 1,
            PingInterval = 60,
        });
    }

    /// <summary>What management has told of the commands of <see cref="Start"/>.</summary>
    public const long StartedBy = 7;

    public Task ReceiveAsync(object message) => _pump.RunAsync(() => Node.ReceiveAsync(message, TestContext.Current.CancellationToken));

    /// <summary>The agent ends in good order.</summary>
    public Task StopAsync() => _pump.RunAsync(() => Node.StopAsync(TestContext.Current.CancellationToken));

    /// <summary>Sends a command and waits for the answer.</summary>
    public async Task<VirtualMachineAnswer> AskAsync(VirtualMachineCommand command)
    {
        var before = AnswersTo(command).Count;
        await ReceiveAsync(command);
        await UntilAsync(() => AnswersTo(command).Count > before);
        return AnswersTo(command)[^1];
    }

    public IReadOnlyList<VirtualMachineAnswer> AnswersTo(VirtualMachineCommand command) =>
        [.. Link.Sent<VirtualMachineAnswer>().Where(answer => answer.CommandId == command.CommandId)];

    public StartCommand Start(Guid vm, params PciAddress[] devices) => Numbered(new StartCommand
    {
        Vm = new VirtualMachineTO
        {
            Uuid = vm,
            Name = NameOf(vm),
            Cpus = 1,
            MaxRam = 1,
            PciDevices = [.. devices.Select(device => new PciDeviceTO { Address = device })],
            StartedBy = StartedBy,
        },
    }, vm);

    public StopCommand Stop(Guid vm, params PciAddress[] devices) =>
        Numbered(new StopCommand { PciDevices = [.. devices.Select(device => new PciDeviceTO { Address = device })] }, vm);

    public AttachPciDevicesCommand Attach(Guid vm, params PciAddress[] devices) =>
        Numbered(new AttachPciDevicesCommand { PciDevices = [.. devices.Select(device => new PciDeviceTO { Address = device })] }, vm);

    public DetachPciDevicesCommand Detach(Guid vm, params PciAddress[] devices) =>
        Numbered(new DetachPciDevicesCommand { PciDevices = [.. devices.Select(device => new PciDeviceTO { Address = device })] }, vm);

    public PrepareForMigrationCommand Prepare(Guid vm, params PciAddress[] devices) =>
        Numbered(new PrepareForMigrationCommand { Vm = Start(vm, devices).Vm }, vm);

    /// <summary>The VM shall go to another rig.</summary>
    public MigrateCommand Migrate(Guid vm, AgentRig to, params PciAddress[] devices) => Numbered(
        new MigrateCommand
        {
            DestinationUri = to.Simulator.MigrationUri,
            PciDevices = [.. devices.Select(device => new PciDeviceTO { Address = device })],
        },
        vm);

    public CancelMigrationCommand CancelMigration(Guid vm) => Numbered(new CancelMigrationCommand(), vm);

    public CheckVirtualMachineCommand Check(Guid vm) => Numbered(new CheckVirtualMachineCommand(), vm);

    public RebootCommand Reboot(Guid vm) => Numbered(new RebootCommand(), vm);

    /// <summary>Lets time pass in small steps, after each of which the agent does all that it has woken.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var until = Time.GetUtcNow() + time;
        while (Time.GetUtcNow() < until) await StepAsync(TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Lets time pass until something is so; it must be so within some minutes of the agent's time.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var round = 0; !condition(); round++)
        {
            Assert.True(round < Rounds || TimeProvider.System.GetElapsedTime(began) < Patience.Times(Soon), "did not come true");
            await StepAsync(round < 20 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(100));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Node.Kill();
        await _pump.RunAsync(() => Node.DisposeAsync().AsTask());
        Directory.Delete(_folder, recursive: true);
    }

    private static string NameOf(Guid vm) => string.Create(CultureInfo.InvariantCulture, $"i-2-{vm.GetHashCode() & 0xffff}-VM");

    private async Task StepAsync(TimeSpan time)
    {
        _pump.Run(() => Time.Advance(time));
        // What a test asked of the simulator itself goes on in other threads.
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private T Numbered<T>(T command, Guid vm)
        where T : VirtualMachineCommand =>
        command with { CommandId = Guid.NewGuid(), VmUuid = vm, VmName = NameOf(vm), Session = _session, Number = ++_number };
}
