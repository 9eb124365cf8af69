using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Writes a workflow's command, fenced with the host's session and the virtual machine's next number.</summary>
internal sealed class CommandWriter(
    PciBusDbContext database, Outbox outbox, HostReportManager reports, WorkflowOptions options, TimeProvider time)
{
    private static readonly CompiledQuery<long, string> UrlOfTemplate = new((database, id, _) =>
        database.Set<Template>().Where(template => template.Id == id).Select(template => template.Url).Single());

    private static readonly Dictionary<string, Type> Commands = typeof(VirtualMachineCommand).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(VirtualMachineCommand)))
        .ToDictionary(type => type.Name);

    /// <returns>False when the host was declared down: nobody would hear the command, and it is not sent.</returns>
    public async Task<bool> WriteAsync(Send send, Workflow row, VirtualMachine vm, CancellationToken cancellationToken)
    {
        var host = await database.RowAsync<Host>(send.HostId, cancellationToken);
        var devices = await DevicesAsync(vm.Id, send.HostId, send.DeviceIds, cancellationToken);
        var neverRan = vm.NeverRan;
        var number = VirtualMachineManager.NextCommandNumber(vm);
        VirtualMachineCommand command = send.Order switch
        {
            VirtualMachineOrder.Start => new StartCommand
            {
                Vm = await DescribeAsync(vm, devices, cancellationToken) with { StartedBy = number, NeverRan = neverRan },
                BootId = host.BootId,
            },
            VirtualMachineOrder.Stop => new StopCommand { PciDevices = devices, BootId = host.BootId },
            VirtualMachineOrder.ForceStop => new StopCommand { ForceStop = true, PciDevices = devices, BootId = host.BootId },
            VirtualMachineOrder.StopIfOff => new StopCommand { CheckBeforeCleanup = true, PciDevices = devices, BootId = host.BootId },
            VirtualMachineOrder.Reboot => new RebootCommand(),
            VirtualMachineOrder.Check => new CheckVirtualMachineCommand(),
            VirtualMachineOrder.PrepareMigration =>
                new PrepareForMigrationCommand { Vm = await DescribeAsync(vm, devices, cancellationToken), BootId = host.BootId },
            VirtualMachineOrder.RollBackMigration =>
                new PrepareForMigrationCommand
                {
                    Vm = await DescribeAsync(vm, devices, cancellationToken),
                    BootId = host.BootId,
                    Rollback = true,
                },
            VirtualMachineOrder.Migrate => await MigrateAsync(vm, send.Route!, devices, host.BootId, cancellationToken),
            VirtualMachineOrder.CancelMigration => new CancelMigrationCommand(),
            VirtualMachineOrder.AttachPciDevices =>
                new AttachPciDevicesCommand { PciDevices = devices, GuestPlaces = send.GuestPlaces, BootId = host.BootId },
            VirtualMachineOrder.DetachPciDevices => await DetachAsync(vm, devices, host.BootId, cancellationToken),
        };
        // Added to the timeout: the time that the guest and the hypervisor are given within the command.
        var within = command switch
        {
            MigrateCommand migrate => migrate.DetachWait + migrate.MigrateWait,
            DetachPciDevicesCommand detach => detach.DetachWait,
            _ => 0,
        };
        var timeout = send.Timeout + TimeSpan.FromSeconds(within);
        var deadline = time.GetUtcNow() + timeout;
        command = command with
        {
            CommandId = Guid.NewGuid(),
            // The guest's time ends before management's does: the agent answers what came of the stop, and need not be asked.
            Wait = (int)(send.Order == VirtualMachineOrder.Stop ? options.StopTimeout : timeout).TotalSeconds,
            VmName = vm.InstanceName,
            VmUuid = vm.Uuid,
            Session = host.Session,
            Number = number,
            Deadline = deadline,
        };
        var isHeard = host.Status != HostStatus.Down;
        if (isHeard) outbox.Add(EndpointNames.Agent(host.Guid), command);
        if (send.Aside) return true;
        if (!send.Beside) row.Awaited.RemoveAll(other => other.HostId != host.Id);
        if (row.Awaited.Find(one => one.HostId == host.Id) is not { } awaited)
        {
            row.Awaited.Add(awaited = new WorkflowCommand { HostId = host.Id, Command = "" });
        }
        (awaited.CommandId, awaited.Command, awaited.Deadline) = (command.CommandId, TextOf(command), deadline);
        return isHeard;
    }

    /// <summary>Sends a host its outstanding command for its current session; the command keeps its id and its number.</summary>
    public async Task WriteAgainAsync(SendAgain again, Workflow row, CancellationToken cancellationToken)
    {
        var host = await database.RowAsync<Host>(again.HostId, cancellationToken);
        var awaited = row.Awaited.Single(one => one.HostId == again.HostId);
        var command = Read(awaited.Command);
        // From now on the command is of no single session: the return of one copy does not say what became of the others.
        awaited.Command = TextOf(command with { Session = 0 });
        outbox.Add(EndpointNames.Agent(host.Guid), command with { Session = host.Session });
    }

    /// <summary>Whether the command that is waited for has one copy, of one session.</summary>
    public static bool IsOnlyCopy(WorkflowCommand awaited) => Read(awaited.Command).Session != 0;

    /// <summary>Whether this is the only copy that was ever written of the command that is waited for.</summary>
    public static bool IsOnlyCopy(WorkflowCommand awaited, VirtualMachineCommand copy) => Read(awaited.Command).Session == copy.Session;

    private static string TextOf(VirtualMachineCommand command) =>
        $"{command.GetType().Name} {JsonSerializer.Serialize(command, command.GetType())}";

    private static VirtualMachineCommand Read(string awaiting)
    {
        var text = awaiting.Split(' ', 2);
        return (VirtualMachineCommand)JsonSerializer.Deserialize(text[1], Commands[text[0]])!;
    }

    private async Task<MigrateCommand> MigrateAsync(
        VirtualMachine vm, MigrationRoute route, IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken)
    {
        var destination = await database.RowAsync<Host>(route.HostId, cancellationToken);
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        return new MigrateCommand
        {
            DestinationUri = route.Uri,
            DestinationIp = destination.PrivateIpAddress,
            HostGuid = destination.Guid,
            AutoConvergence = true,
            PciDevices = devices,
            BootId = bootId,
            DetachWait = offering.DetachWait ?? (int)options.DetachWait.TotalSeconds,
            MigrateWait = offering.MigrateWait ?? (int)options.MigrateWait.TotalSeconds,
        };
    }

    /// <summary>Sets how long a workflow waits for its hosts, or, while it waits for none, its own deadline.</summary>
    public async Task SetDeadlineAsync(SetDeadline deadline, Workflow row, CancellationToken cancellationToken)
    {
        // The workflow's own, unless it waits for a host: then the row says the earliest of the hosts' deadlines.
        row.Deadline = deadline.At;
        foreach (var awaited in row.Awaited.Where(command => deadline.HostId is null || command.HostId == deadline.HostId))
        {
            awaited.Deadline = deadline.At;
            // Parked: the next word of its host wakes the workflow.
            if (deadline.At is null) await reports.LookAnewAsync(awaited.HostId, cancellationToken);
        }
    }

    private async Task<DetachPciDevicesCommand> DetachAsync(
        VirtualMachine vm, IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        return new DetachPciDevicesCommand
        {
            PciDevices = devices,
            BootId = bootId,
            DetachWait = offering.DetachWait ?? (int)options.DetachWait.TotalSeconds,
        };
    }

    private async Task<VirtualMachineTO> DescribeAsync(
        VirtualMachine vm, IReadOnlyList<PciDeviceTO> devices, CancellationToken cancellationToken)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        var template = await UrlOfTemplate.ReadAsync(database, vm.VmTemplateId, cancellationToken);
        var ram = offering.RamBytes;
        return new VirtualMachineTO
        {
            Id = vm.Id,
            Name = vm.InstanceName,
            Uuid = vm.Uuid,
            Cpus = offering.Cpu,
            Speed = offering.Speed,
            MinRam = ram,
            MaxRam = ram,
            HostName = vm.Name,
            Template = template,
            PciDevices = devices,
        };
    }

    private async Task<IReadOnlyList<PciDeviceTO>> DevicesAsync(
        long vmId, long hostId, IReadOnlyList<long>? only, CancellationToken cancellationToken)
    {
        var devices = await PciDeviceManager.OwnedBy.On(database)(database, vmId, hostId).ToListAsync(cancellationToken);
        return [.. devices.Where(device => only?.Contains(device.Id) != false)
            .OrderBy(device => device.Address).Select(device => new PciDeviceTO
        {
            Id = device.Id,
            Claim = device.Claim,
            Address = device.Address,
            Name = device.ClaimedName ?? device.Name,
            VendorId = device.VendorId,
            ProductId = device.ProductId,
            Class = device.Class,
            Serial = device.Serial,
        })];
    }
}
