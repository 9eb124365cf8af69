using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.Maintenance;
using PciBus.Tests.Support;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that are emptied, and virtual machines that go, by hand.</summary>
internal sealed class MaintenanceScene(DatabaseProvider provider) : IDisposable
{
    private const long Workflow = 4711;
    private readonly Dictionary<string, string[]> _devices = [];

    public HostLife Life { get; } = new(provider);

    public Task<Host> HostAsync(string name, params string[] pciDevices)
    {
        _devices[name] = pciDevices;
        return Life.Rig.ConnectAsync(Announcements.Host(name, pciDevices));
    }

    /// <summary>Its agent announces itself again, with all that runs there.</summary>
    public Task<Host> ComesBackAsync(Host host)
    {
        var startup = Announcements.Host(host.Guid, _devices[host.Guid]);
        var vms = Life.Rig.Read(database => database.Set<VirtualMachine>().Where(vm => vm.HostId == host.Id).ToList());
        return Life.Rig.ConnectAsync(startup with { Report = startup.Report with { VirtualMachines = [.. vms.Select(vm => Announcements.Domain(vm.Uuid))] } });
    }

    public async Task<VirtualMachine> RunAsync(string name, string pciDevices, PciMigration migration = PciMigration.DetachAttach, Host? on = null)
    {
        var offering = Rows.Offering(pciDevices);
        offering.PciMigration = migration;
        var vm = await Life.Rig.CreateVmAsync(Life.Rig.Add(offering), name);
        await Life.Act.StartAsync(vm, on?.Id);
        await Life.Act.AnswerAsync(vm, Observation.Running);
        return Look(vm);
    }

    public Task<Refusal?> PrepareAsync(Host host, PciStrategy strategy) => Life.Rig.TryAsync(async (HostMaintenanceManager hosts) =>
        (await hosts.BeginAsync(host.Id, strategy, Request("prepareHostForMaintenance", EventTypes.MaintenancePrepare), CancellationToken.None)).Refusal);

    public Task<Refusal?> CancelAsync(Host host) => Life.Rig.TryAsync(async (HostMaintenanceManager hosts) =>
        (await hosts.CancelAsync(host.Id, Request("cancelHostMaintenance", EventTypes.MaintenanceCancel), CancellationToken.None)).Refusal);

    public Task<IReadOnlyList<DrainOrder>> AdvanceAsync(Host host) =>
        Life.Rig.RunAsync((DrainProgressManager progress) => progress.AdvanceAsync(host.Id, CancellationToken.None));

    public Task<List<long>> FindAsync() => Life.Rig.RunAsync((DrainProgressManager progress) => progress.FindAsync(0, CancellationToken.None));

    /// <summary>As reconciliation does it.</summary>
    public async Task DrainAsync()
    {
        await Life.Rig.RunJobAsync<MaintenanceJob>();
        await Life.Rig.DeliverAsync();
    }

    /// <summary>Its workflow is under way.</summary>
    public void Hold(DrainOrder order) => Life.Rig.Execute($"UPDATE vm_instance SET workflow_id = {Workflow} WHERE id = {order.VmId}");

    /// <summary>Its workflow has ended, and it is where it was.</summary>
    public void Fail(DrainOrder order, string why)
    {
        Life.Rig.Add(new AsyncJob
        {
            Uuid = Guid.NewGuid(),
            JobCmd = order.Command,
            EventType = "",
            InstanceType = nameof(VirtualMachine),
            InstanceId = order.VmId,
            JobStatus = JobStatus.Failed,
            JobResult = why,
            Failure = RefusalCause.OperationFailed,
            UserId = 1,
            AccountId = 1,
            DomainId = 1,
            Created = Life.Rig.Time.GetUtcNow(),
            Completed = Life.Rig.Time.GetUtcNow(),
        });
        Life.Rig.Execute($"UPDATE vm_instance SET workflow_id = NULL WHERE id = {order.VmId}");
    }

    /// <summary>Its workflow has ended, and it runs on the other host.</summary>
    public void Move(VirtualMachine vm, Host target) => Life.Rig.Execute(
        $"""
        UPDATE op_host_pci_devices SET instance_id = {vm.Id} WHERE host_id = {target.Id} AND instance_id IS NULL AND id IN (
            SELECT min(mine.id) FROM op_host_pci_devices mine WHERE mine.host_id = {target.Id} AND mine.instance_id IS NULL)
            AND EXISTS (SELECT 1 FROM op_host_pci_devices other WHERE other.host_id = {vm.HostId} AND other.instance_id = {vm.Id});
        UPDATE op_host_pci_devices SET instance_id = NULL WHERE host_id = {vm.HostId} AND instance_id = {vm.Id};
        UPDATE op_host_capacity_vm SET host_id = {target.Id} WHERE vm_id = {vm.Id};
        UPDATE vm_instance SET host_id = {target.Id}, workflow_id = NULL WHERE id = {vm.Id};
        """);

    public Host Look(Host host) => Life.Look(host);

    public VirtualMachine Look(VirtualMachine vm) => Life.Act.Look(vm);

    public VirtualMachine Vm(long id) => Life.Rig.Read(database => database.Set<VirtualMachine>().Single(vm => vm.Id == id));

    public List<HostMaintenanceVm> Moves() => Life.Rig.Read(database => database.Set<HostMaintenanceVm>().ToList());

    /// <summary>The job of the last preparation.</summary>
    public AsyncJob Job() => Life.Rig.Read(database =>
        database.Set<AsyncJob>().Where(job => job.JobCmd == "prepareHostForMaintenance").OrderBy(job => job.Id).Last());

    public void Dispose() => Life.Dispose();

    private static JobRequest Request(string command, string eventType) => new(command, Caller.Admin, eventType, command);
}
