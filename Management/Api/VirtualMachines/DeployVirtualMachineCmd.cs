using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "deployVirtualMachine",
    "Creates a virtual machine and starts it",
    Response = typeof(VirtualMachineResponse),
    IsAsync = true,
    Roles = ApiRoles.Everybody)]
internal sealed partial class DeployVirtualMachineCmd(
    PciBusDbContext database, WorkflowRunner runner, DatabaseTransactions transactions, TimeProvider time) : ApiCommand
{
    [ApiParameter("zoneid", "its zone", Required = true, Entity = typeof(Zone))]
    public long ZoneId { get; set; }

    [ApiParameter("serviceofferingid", "what it gets: processors, RAM and PCI devices", Required = true, Entity = typeof(ServiceOffering))]
    public long ServiceOfferingId { get; set; }

    [ApiParameter("templateid", "what its root disk is made of", Required = true, Entity = typeof(Template))]
    public long TemplateId { get; set; }

    [ApiParameter("name", "its name, and its guest's host name; made up unless given")]
    public string? Name { get; set; }

    [ApiParameter("displayname", "what it is called; the name unless given")]
    public string? DisplayName { get; set; }

    [ApiParameter("hostid", "the one host on which it may be started; any unless given", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("clusterid", "the one cluster in which it may be started; any unless given", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("startvm", "false: it is created and stays Stopped; true unless given")]
    public bool StartVm { get; set; } = true;

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await ValidateAsync(cancellationToken);
        var uuid = Guid.NewGuid();
        var name = string.IsNullOrEmpty(Name) ? $"VM-{uuid}" : Name;
        var request = Job(EventTypes.VmCreate, $"creating VM {name}");
        if (!StartVm)
        {
            var job = await transactions.RunAsync<UnstartedVirtualMachineManager, AsyncJob>(
                virtualMachines => virtualMachines.CreateAsync(Make(uuid, name), request, cancellationToken), cancellationToken);
            return ApiAnswer.Job(job.Uuid, uuid);
        }

        var outcome = await runner.BeginAsync(
            new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument { HostId = HostId, ClusterId = ClusterId })
            {
                NewVm = () => Make(uuid, name),
                Job = request,
            },
            cancellationToken);
        return ApiAnswer.Job(outcome.JobUuid!.Value, outcome.VmUuid);
    }

    private async Task ValidateAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Name) && !HostName().IsMatch(Name))
        {
            throw ApiException.InvalidParameter(
                "Invalid name. Vm name can contain ASCII letters 'a' through 'z', the digits '0' through '9', and the hyphen ('-'), must "
                + "be "
                + "between 1 and 63 characters long, and can't start or end with \"-\" and can't start with digit");
        }

        var offering = await database.Set<ServiceOffering>().AsNoTracking().SingleAsync(
            row => row.Id == ServiceOfferingId, cancellationToken);
        if (offering.State != ServiceOfferingState.Active)
        {
            throw ApiException.InvalidParameter($"The service offering {offering.Name} is {offering.State}");
        }

        var template = await database.Set<Template>().AsNoTracking().SingleAsync(row => row.Id == TemplateId, cancellationToken);
        if (template.Removed is not null) throw ApiException.InvalidParameter($"The template {template.Name} was deleted");
        if (!StartVm && (HostId ?? ClusterId) is not null)
        {
            throw ApiException.InvalidParameter(
                "hostid and clusterid say where it is started, and with startvm=false it is not: give them to startVirtualMachine");
        }

        await HostChoice.ValidateAsync(database, HostId, ClusterId, ZoneId, cancellationToken);
    }

    private VirtualMachine Make(Guid uuid, string name)
    {
        var now = time.GetUtcNow();
        return new VirtualMachine
        {
            Uuid = uuid,
            Name = name,
            DisplayName = string.IsNullOrEmpty(DisplayName) ? null : DisplayName,
            InstanceName = "",
            State = VirtualMachineState.Stopped,
            ServiceOfferingId = ServiceOfferingId,
            VmTemplateId = TemplateId,
            DataCenterId = ZoneId,
            AccountId = Caller.AccountId,
            DomainId = Caller.DomainId,
            UserId = Caller.UserId,
            UpdateTime = now,
            Created = now,
        };
    }

    [GeneratedRegex(@"^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex HostName();
}
