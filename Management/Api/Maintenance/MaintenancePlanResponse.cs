using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;

namespace PciBus.Management.Api.Maintenance;

[ApiResponse("hostmaintenanceplan")]
internal sealed class MaintenancePlanResponse
{
    [JsonProperty("hostid"), Description("the host that is to be emptied")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("its name")]
    public required string HostName { get; init; }

    [JsonProperty("resourcestate"), Description("what the operator wants of it now: Enabled, PrepareForMaintenance, ...")]
    public ResourceState ResourceState { get; init; }

    [JsonProperty("pcistrategy"), Description("while it is being emptied: Refuse, Wait or Stop")]
    public PciStrategy? PciStrategy { get; init; }

    [JsonProperty("total"), Description("virtual machines that have something on it")]
    public int Total => VirtualMachines.Count;

    [JsonProperty("moving"), Description("of them, those that move live, with or without devices")]
    public int Moving => VirtualMachines.Count(vm => vm.Outcome is MoveOutcome.Live or MoveOutcome.DetachAttach);

    [JsonProperty("staying"), Description("of them, those that wait or cannot move: unless there are none, pcistrategy=Refuse refuses")]
    public int Staying => VirtualMachines.Count(vm => vm.Outcome is MoveOutcome.Waits or MoveOutcome.Cannot);

    [JsonProperty("ismaximum"), Description("it is proved that no plan moves more; false when the search was ended before")]
    public bool IsMaximum { get; init; }

    [JsonProperty("virtualmachine"), Description("what becomes of each, in the order in which they go")]
    public required IReadOnlyList<PlannedMoveResponse> VirtualMachines { get; init; }
}
