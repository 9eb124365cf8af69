using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

[ApiResponse("virtualmachine", typeof(VirtualMachine))]
internal sealed class VirtualMachineResponse
{
    [JsonProperty("id"), Description("the virtual machine's id, and its domain's on a host")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name, and its guest's host name")]
    public required string Name { get; init; }

    [JsonProperty("displayname"), Description("what it is called; the name unless it was given another")]
    public required string DisplayName { get; init; }

    [JsonProperty("instancename"), Description("name of its domain on a host")]
    public required string InstanceName { get; init; }

    [JsonProperty("state"), Description("Starting, Running, Stopping, Stopped, Migrating, Destroyed, Expunging or Error")]
    public VirtualMachineState State { get; init; }

    [JsonProperty("domainstatus"), Description(
        "Paused or Crashed, by the last report, while it is Running and its domain is not; left out else")]
    public DomainStatus? DomainStatus { get; init; }

    [JsonProperty("account"), Description("name of the account that owns it")]
    public required string Account { get; init; }

    [JsonProperty("userid"), Description("who created it")]
    public Guid UserId { get; init; }

    [JsonProperty("username"), Description("name of who created it")]
    public required string Username { get; init; }

    [JsonProperty("domainid"), Description("the domain of its account")]
    public Guid DomainId { get; init; }

    [JsonProperty("domain"), Description("name of that domain")]
    public required string Domain { get; init; }

    [JsonProperty("zoneid"), Description("its zone")]
    public Guid ZoneId { get; init; }

    [JsonProperty("zonename"), Description("name of its zone")]
    public required string ZoneName { get; init; }

    [JsonProperty("hostid"), Description("the host it is on, or goes to")]
    public Guid? HostId { get; init; }

    [JsonProperty("hostname"), Description("name of that host")]
    public string? HostName { get; init; }

    [JsonProperty("templateid"), Description("what its root disk is made of")]
    public Guid TemplateId { get; init; }

    [JsonProperty("templatename"), Description("name of that template")]
    public required string TemplateName { get; init; }

    [JsonProperty("templatedisplaytext"), Description("what is told of that template")]
    public required string TemplateDisplayText { get; init; }

    [JsonProperty("serviceofferingid"), Description("its offering")]
    public Guid ServiceOfferingId { get; init; }

    [JsonProperty("serviceofferingname"), Description("name of its offering")]
    public required string ServiceOfferingName { get; init; }

    [JsonProperty("cpunumber"), Description("virtual processors")]
    public int CpuNumber { get; init; }

    [JsonProperty("cpuspeed"), Description("speed of one virtual processor in MHz")]
    public int CpuSpeed { get; init; }

    [JsonProperty("memory"), Description("RAM in MiB")]
    public int Memory { get; init; }

    [JsonProperty("haenable"), Description("whether it is started elsewhere when its host is down")]
    public bool HaEnable { get; init; }

    [JsonProperty("hypervisor"), Description("always KVM")]
    public string Hypervisor => "KVM";

    [JsonProperty("passwordenabled"), Description("always false")]
    public bool PasswordEnabled => false;

    [JsonProperty("displayvm"), Description("always true")]
    public bool DisplayVm => true;

    [JsonProperty("created"), Description("when it was created")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("lastupdated"), Description("when its state changed last")]
    public DateTimeOffset LastUpdated { get; init; }

    [JsonProperty("nic"), Description("always one network card: PciBus manages no networks")]
    public IReadOnlyList<NicResponse> Nics => [NicResponse.Of(Id, InternalId)];

    [JsonProperty("degraded"), Description("it runs with fewer PCI devices than it should have")]
    public bool Degraded => DegradedSince is not null;

    [JsonProperty("degradedsince"), Description("since when; left out when it has all")]
    public DateTimeOffset? DegradedSince { get; init; }

    [JsonProperty("degradedreason"), Description("what it lacks, by name; left out when it has all")]
    public string? DegradedReason { get; init; }

    [JsonProperty("pcidevice"), Description("the PCI devices it owns")]
    public IReadOnlyList<VirtualMachinePciDeviceResponse> PciDevices { get; set; } = [];

    [JsonProperty("migration"), Description("how far its migration is, while there is one")]
    public MigrationResponse? Migration { get; set; }

    [JsonProperty("jobid"), Description("the job that is under way for it")]
    public Guid? JobId { get; init; }

    [JsonProperty("jobstatus"), Description("0: that job is under way")]
    public int? JobStatus => JobId is null ? null : (int)Management.Jobs.JobStatus.InProgress;

    [JsonIgnore]
    public long InternalId { get; init; }
}
