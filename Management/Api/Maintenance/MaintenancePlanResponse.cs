using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Api.Maintenance;

[ApiResponse("hostmaintenanceplan")]
internal sealed class MaintenancePlanResponse
{
    [JsonProperty("hostid"), Description("the host that is to be emptied")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("its name")]
    public required string HostName { get; init; }

    [JsonProperty("hoststate"), Description("its status: Up, Down, ...")]
    public HostStatus Status { get; init; }

    [JsonProperty("resourcestate"), Description("what the operator wants of it now: Enabled, PrepareForMaintenance, ...")]
    public ResourceState ResourceState { get; init; }

    [JsonProperty("pcistrategy"), Description("while it is being emptied: what happens to virtual machines that cannot be moved")]
    public PciStrategy? PciStrategy { get; init; }

    [JsonProperty("total"), Description("virtual machines that have something on it")]
    public int Total => VirtualMachines.Count;

    [JsonProperty("moving"), Description("of them, those that move at once, with or without devices: outcome Live or DetachAttach")]
    public int Moving => Count(MoveOutcome.Live) + Count(MoveOutcome.DetachAttach);

    [JsonProperty("leaving"), Description("of them, those that are leaving already: outcome Leaves")]
    public int Leaving => Count(MoveOutcome.Leaves);

    [JsonProperty("waiting"), Description("of them, those that can move when others have left: outcome Waits")]
    public int Waiting => Count(MoveOutcome.Waits);

    [JsonProperty("staying"), Description("of them, those that cannot move: outcome Cannot")]
    public int Staying => Count(MoveOutcome.Cannot);

    [JsonProperty("placed"), Description(
        "of them, those that have a destination: they move at once, or wait for others who are leaving already")]
    public int Placed { get; init; }

    [JsonProperty("most"), Description("no plan has a destination for more; when placed is less, there may be a better plan")]
    public int Most { get; init; }

    [JsonProperty("virtualmachine"), Description("what becomes of each, in the order in which they go")]
    public required IReadOnlyList<PlannedMoveResponse> VirtualMachines { get; init; }

    private int Count(MoveOutcome outcome) => VirtualMachines.Count(vm => vm.Outcome == outcome);
}
