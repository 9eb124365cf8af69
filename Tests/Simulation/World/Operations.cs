using System.Globalization;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Jobs;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.CancelMigration;
using PciBus.Management.Workflows.DetachPciDevices;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.World;

/// <summary>What users and operators ask for, as the API would ask.</summary>
internal sealed class Operations(SimulatedCluster cluster, Random random)
{
    /// <summary>So many are asked for in every seed.</summary>
    public const int Fewest = 60;

    private const int MostVms = 16;

    private static readonly string[] Names = ["10GE", "GPU", "NVME"];

    private int _vms;

    public HostOperations Hosts { get; } = new(cluster, random);

    public MigrationTrouble Trouble { get; } = new(cluster, random);

    public void NextIfTooFew()
    {
        if (cluster.Tally.Operations < Fewest) Next();
    }

    /// <summary>Asks for something, and now and then for something else of the same VM before that is done.</summary>
    public void Next()
    {
        if (cluster.PickServer() is not { } server)
        {
            cluster.Loop.After(TimeSpan.FromSeconds(2), Next);
            return;
        }

        switch (random.Next(20))
        {
            case 0 when LivingVms().Count < MostVms - 4:
                // At once, and of one kind: they race for the same devices.
                var offering = PickOffering();
                for (var i = 0; i < 4; i++) Deploy(server, offering);
                break;
            case < 6 when LivingVms().Count < MostVms:
                Deploy(server, PickOffering());
                break;
            case 17:
                Hosts.Next(server);
                break;
            case 18:
                SetDevice(server);
                break;
            case 19:
                EditDevices();
                break;
            default:
                if (LivingVms() is { Count: > 0 } vms) AskOf(vms[random.Next(vms.Count)], server);
                else Deploy(server, PickOffering());
                break;
        }
    }

    private int PickOffering() => 1 + random.Next(DatabaseTemplate.Offerings.Count);

    private void AskOf(VmRow vm, ManagementServer server)
    {
        Ask(vm, server);
        if (random.Next(3) > 0) return;
        cluster.Loop.After(TimeSpan.FromMilliseconds(random.Next(3_000)), () =>
        {
            if (cluster.PickServer() is { } next) Ask(vm, next);
        });
    }

    private void Ask(VmRow vm, ManagementServer server)
    {
        switch (random.Next(22))
        {
            case < 4:
                Begin(server, vm, "start", EventTypes.VmStart, WorkflowKind.StartVirtualMachine, new StartDocument { HostId = SomeHost() });
                break;
            case < 6:
                Begin(server, vm, "stop", EventTypes.VmStop, WorkflowKind.StopVirtualMachine, new StopDocument());
                break;
            case < 8:
                Begin(server, vm, "stop forced", EventTypes.VmStop, WorkflowKind.StopVirtualMachine, new StopDocument { Forced = true }, urgent: true);
                break;
            case < 10:
                Begin(server, vm, "reboot", EventTypes.VmReboot, WorkflowKind.RebootVirtualMachine, new RebootDocument());
                break;
            case 10:
                Begin(server, vm, "destroy", EventTypes.VmDestroy, WorkflowKind.DestroyVirtualMachine, new StopDocument { Destroy = true }, urgent: true);
                break;
            case 12 or 13:
                var wanted = random.Next(3) > 0 ? new AttachDocument { Name = Names[random.Next(Names.Length)] } : new AttachDocument { DeviceId = SomeDevice(null) };
                if (wanted is { Name: null, DeviceId: null }) return;
                Begin(server, vm, "attach", EventTypes.PciDeviceAttach, WorkflowKind.AttachPciDevices, wanted);
                break;
            case 14 or 15:
                if (SomeDevice(vm) is not { } device) return;
                Begin(server, vm, "detach", EventTypes.PciDeviceDetach, WorkflowKind.DetachPciDevices, new DetachDocument(device));
                break;
            case > 15:
                Migrate(server, vm);
                break;
            default:
                Begin(
                    server, vm, "expunge", EventTypes.VmDestroy, WorkflowKind.DestroyVirtualMachine,
                    new StopDocument { Destroy = true, Expunge = true }, urgent: true);
                break;
        }
    }

    /// <summary>Mostly of one that runs; now and then in trouble, or given up while it is under way.</summary>
    private void Migrate(ManagementServer server, VmRow vm)
    {
        if (vm.State != "Running" && random.Next(4) > 0 && LivingVms().Where(one => one is { State: "Running", WorkflowId: null }).ToList() is { Count: > 0 } running)
        {
            vm = running[random.Next(running.Count)];
        }

        if (random.Next(2) == 0) Trouble.Begin(vm);
        Begin(server, vm, "migrate", EventTypes.VmMigrate, WorkflowKind.MigrateVirtualMachine, new MigrateDocument { HostId = SomeHost() });
        if (random.Next(4) > 0) return;
        cluster.Loop.After(TimeSpan.FromMilliseconds(random.Next(6_000)), () =>
        {
            if (cluster.PickServer() is not { } one || LivingVms().FirstOrDefault(now => now.Id == vm.Id) is not { State: "Migrating" } now) return;
            if (cluster.Invariants.State.Hosts.FirstOrDefault(host => host.Guid == vm.Host) is not { } source) return;
            Begin(one, now, "cancel migration", EventTypes.VmMigrateCancel, WorkflowKind.CancelMigration, new CancelMigrationDocument(source.Id), urgent: true);
        });
    }

    private void Deploy(ManagementServer server, int offering)
    {
        var number = ++_vms;
        var uuid = new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
        var host = SomeHost();
        var now = cluster.Loop.Now;
        VirtualMachine Make() => new()
        {
            Uuid = uuid,
            Name = string.Create(CultureInfo.InvariantCulture, $"vm{number}"),
            InstanceName = "",
            State = VirtualMachineState.Stopped,
            ServiceOfferingId = offering,
            VmTemplateId = 1,
            DataCenterId = 1,
            AccountId = 1,
            DomainId = 1,
            UserId = 1,
            UpdateTime = now,
            Created = now,
        };
        Tell("deploy", $"deploy vm{number} {uuid} with [{DatabaseTemplate.Offerings[offering - 1]}]{(host is null ? "" : $" on host {host}")}");
        // Held back, it plans in a transaction of its own, in which others may overtake it before it claims.
        var request = new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument { HostId = host })
        {
            NewVm = Make,
            Job = Job("deployVirtualMachine", EventTypes.VmCreate),
            HoldBack = random.Next(3) > 0,
        };
        server.Do("deploy", async one =>
        {
            var outcome = await one.Runner.BeginAsync(request, CancellationToken.None);
            if (request.HoldBack) await one.Runner.FeedAsync(outcome.WorkflowId, new Begun(), CancellationToken.None);
        });
    }

    private void Begin(
        ManagementServer server, VmRow vm, string what, string eventType, WorkflowKind kind, object document, bool urgent = false)
    {
        Tell(what, $"{what} {vm}");
        server.Do(what, one => one.Runner.BeginAsync(
            new WorkflowRequest(kind, document) { VmId = vm.Id, Job = Job(what, eventType), Urgent = urgent }, CancellationToken.None));
    }

    /// <summary>Somebody misses a virtual machine.</summary>
    public void Start(long vmId)
    {
        if (cluster.PickServer() is not { } server || LivingVms().Find(vm => vm.Id == vmId) is not { } vm) return;
        Begin(server, vm, "start", EventTypes.VmStart, WorkflowKind.StartVirtualMachine, new StartDocument());
    }

    private void SetDevice(ManagementServer server)
    {
        if (cluster.Invariants.State.Devices is not { Count: > 0 } devices) return;
        var device = devices.FirstOrDefault(one => one.Quarantined) ?? devices[random.Next(devices.Count)];
        var enabled = random.Next(3) > 0;
        Tell(device.Quarantined ? "check device" : enabled ? "enable device" : "disable device", device.ToString());
        server.Do("set device", one => one.Transactions.RunAsync(
            (ClusterOperator @operator) => device.Quarantined ? @operator.ReleaseFromQuarantineAsync(device.Id) : @operator.SetDeviceAsync(device.Id, enabled),
            CancellationToken.None));
    }

    private void EditDevices()
    {
        var host = cluster.Hosts[random.Next(cluster.Hosts.Count)];
        var address = string.Create(CultureInfo.InvariantCulture, $"28:00.{random.Next(8)}");
        if (!host.Devices.TryGetValue(address, out var name)) host.Devices[address] = "10GE";
        else if (random.Next(2) == 0) host.Devices.Remove(address);
        else host.Devices[address] = name == "10GE" ? "NVME" : "10GE";
        Tell("edit pci.devices", $"{host.Guid}: {string.Join(", ", host.Devices)}");
        host.WriteProperties();
    }

    private List<VmRow> LivingVms() => [.. cluster.Invariants.State.Vms.Where(vm => vm.State is not ("Destroyed" or "Expunging"))];

    /// <summary>One of a VM's, or any.</summary>
    private long? SomeDevice(VmRow? owner)
    {
        var devices = cluster.Invariants.State.Devices.Where(device => owner is null || device.Owner == owner.Id).ToList();
        return devices.Count == 0 ? null : devices[random.Next(devices.Count)].Id;
    }

    private long? SomeHost() =>
        random.Next(5) == 0 && cluster.Invariants.State.Hosts is { Count: > 0 } hosts ? hosts[random.Next(hosts.Count)].Id : null;

    private void Tell(string what, string text)
    {
        cluster.Tally.Count(what);
        cluster.Trace.Add("operator", $"** {what}: {text}");
    }

    private static JobRequest Job(string command, string eventType) => new(command, Caller.Admin, eventType, command);
}
